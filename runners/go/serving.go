package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
)

const name = "go-goroutines"

// The most threads that GOMAXPROCS may name before there is no use in more.
const mostWorkers = 1024

// workload is one round of a workload, or the reason why there is none; and what must be said wherever its figure
// is ranked.
type workload struct {
	run                 func(*round) tally
	unsupported, caveat string
}

func describe() any {
	names, unsupported, caveats := []string{}, map[string]string{}, map[string]string{}
	for _, entry := range order {
		if why := workloads[entry].unsupported; why != "" {
			unsupported[entry] = why
		} else {
			names = append(names, entry)
		}
		if caveat := workloads[entry].caveat; caveat != "" {
			caveats[entry] = caveat
		}
	}
	about := map[string]any{
		"name":        name,
		"version":     strings.TrimPrefix(runtime.Version(), "go"),
		"language":    "go",
		"model":       "goroutines, stackful, work-stealing, preempted every 10 ms, epoll",
		"workloads":   names,
		"unsupported": unsupported,
		"caveats":     caveats,
	}
	return map[string]any{"protocol": protocol, "build": build(), "runtimes": []any{about}}
}

// build says by what this program was built: the compiler, and those settings that change its code.
func build() map[string]string {
	said := map[string]string{"compiler": runtime.Compiler + " " + runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return said
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "-gcflags", "-ldflags", "-tags", "-race", "GOAMD64", "GOARM64", "CGO_ENABLED":
			said[setting.Key] = setting.Value
		}
	}
	return said
}

// probe has one goroutine run.
func probe(asked string) any {
	if asked != name {
		return map[string]any{"available": false, "reason": "this runner hosts no runtime " + asked}
	}
	seed, spawned := uint64(7), "spawn"
	spawn(newRound(&job{Workload: &spawned, Tasks: 1, told: told{Seed: &seed}}))
	return map[string]any{"available": true}
}

// serve serves one job on standard input.
func serve() {
	line, more := readLine()
	if !more {
		return
	}
	job, problem := readJob(line)
	var run func(*round) tally
	if problem == nil {
		run, problem = start(job)
	}
	if problem != nil {
		send(problem)
		return
	}
	rounds := make([]*round, job.Rounds)
	for i := range rounds {
		rounds[i] = newRound(job)
	}
	if problem := job.tell(ready()); problem != nil {
		send(problem)
		return
	}

	before := usageNow()
	for _, round := range rounds {
		round.began = now()
		round.tally = run(round)
		round.ended = now()
	}
	used := usageNow().since(before)

	reports := make([]any, len(rounds))
	for i, round := range rounds {
		reports[i] = round.report()
	}
	send(map[string]any{"event": "done", "rounds": reports, "usage": used})
	waitForEndOfInput()
	if job.SpansFile != "" {
		writeSpans(job.SpansFile, rounds) // Only now, so that no measurement contains the writing.
	}
}

// start builds the runtime: everything that comes before the first task.
func start(job *job) (func(*round) tally, *refused) {
	if *job.Runtime != name {
		return nil, refuse("unsupported", "this runner hosts no runtime %q", *job.Runtime)
	}
	workload, known := workloads[*job.Workload]
	if !known {
		return nil, refuse("unsupported", "%s has no workload %s", name, *job.Workload)
	}
	if workload.unsupported != "" {
		return nil, refuse("unsupported", "%s has no %s: %s", name, *job.Workload, workload.unsupported)
	}
	if job.Workers > mostWorkers {
		return nil, refuse("unsupported", "%d workers: ask for at most %d", job.Workers, mostWorkers)
	}
	if problem := requireFiles(mostFiles(job)); problem != nil {
		return nil, problem
	}
	runtime.GOMAXPROCS(int(job.Workers))
	return workload.run, nil
}

func mostFiles(job *job) uint64 {
	switch *job.Workload {
	case "request", "echo", "file-read":
		return job.Tasks + 1
	case "brigade":
		return 2 * (job.Tasks + 1)
	}
	return 0
}

// requireFiles refuses more open files than the process may have. Go raises the soft limit by itself from 1.19 on.
func requireFiles(files uint64) *refused {
	var limit syscall.Rlimit
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil || syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return nil
	}
	if now := uint64(len(open)); files+now > limit.Cur {
		return refuse("unsupported",
			"%d files are needed beside the %d that are open, and the limit is %d; raise it with ulimit -n %d",
			files, now, limit.Cur, files+now)
	}
	return nil
}
