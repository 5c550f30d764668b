// template: REPLACE by what it is and how it schedules.
//
// It works as it stands, with a goroutine for each task. REPLACE marks what is yours to change.
// PROTOCOL.md describes the whole wire: `describe`, `probe NAME`, or, with no argument,
// one job on standard input.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"time"
)

const (
	protocol = 2
	name     = "template"
	workload = "sleep" // Add the next one when this one passes.
)

// A job, as the lab writes it; what is not read here is ignored.
type job struct {
	Protocol, Tasks, Workers, Rounds uint64
	Runtime, Workload                string
	Params                           map[string]uint64
	SpansFile                        string `json:"spans_file"`
}

// What the first go brings: only now, so that nothing can be worked out before.
type given struct{ Seed uint64 }

// What is reported of a round.
type report struct {
	Makespan  int64  `json:"makespan_ns"`
	Completed uint64 `json:"completed"`
	Checksum  string `json:"checksum"`
}

// One task's start and finish, nanoseconds since its round began.
type span struct{ Start, Finish uint64 }

type object map[string]any

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "describe":
		say(object{"protocol": protocol, "runtimes": []object{{
			"name":      name,
			"version":   runtime.Version(), // REPLACE by the version of what is measured.
			"language":  "go",
			"model":     "placeholder: one goroutine per task", // REPLACE by how it schedules.
			"workloads": []string{workload},
		}}})
	case len(os.Args) > 1 && os.Args[1] == "probe":
		say(object{"available": true}) // REPLACE: start it, and give the reason where that fails.
	default:
		serve(bufio.NewReader(os.Stdin))
	}
}

func serve(input *bufio.Reader) {
	line, err := input.ReadBytes('\n')
	if err != nil {
		return
	}
	job, status, reason := accept(line)
	if status != "" {
		say(object{"event": "refused", "status": status, "reason": reason})
		return
	}
	// REPLACE: build it here, with that many threads. This is start-up; no task has run yet.
	runtime.GOMAXPROCS(int(job.Workers))
	spans := make([][]span, job.Rounds)
	reports := make([]report, job.Rounds)
	for round := range spans {
		spans[round] = make([]span, job.Tasks)
	}
	say(object{"event": "ready"})
	line, _ = input.ReadBytes('\n')
	var given given
	if json.Unmarshal(bytes.TrimPrefix(line, []byte("go ")), &given) != nil {
		return
	}
	for round := range reports {
		reports[round] = sleepRound(job, given.Seed, spans[round])
	}
	say(object{"event": "done", "rounds": reports})
	io.Copy(io.Discard, input) // The lab looks at this process until it closes our input.
	writeSpans(job.SpansFile, spans)
}

// One round: starts all tasks, then joins them all.
func sleepRound(job job, seed uint64, spans []span) report {
	began := time.Now()
	since := func() uint64 { return uint64(time.Since(began)) }
	returned := make(chan uint64, job.Tasks)
	for task := range spans {
		// REPLACE the goroutine, its timer and the channel by which it is joined.
		go func(task uint64) {
			spans[task].Start = since()
			time.Sleep(delay(job, seed+task))
			spans[task].Finish = since()
			returned <- seed + task
		}(uint64(task))
	}
	var completed, sum uint64
	for range spans {
		sum += <-returned // Wraps at 64 bits, as it should.
		completed++
	}
	return report{int64(time.Since(began)), completed, strconv.FormatUint(sum, 10)}
}

// The job on a line; a status and a reason where it makes no sense or is none of ours.
func accept(line []byte) (job, string, string) {
	var asked job
	if err := json.Unmarshal(line, &asked); err != nil {
		return asked, "protocol-error", "not a job: " + err.Error()
	}
	if asked.Protocol != protocol || asked.Tasks < 1 || asked.Workers < 1 || asked.Rounds < 1 {
		return asked, "protocol-error", "protocol 2 and at least 1 task, worker and round are needed"
	}
	if asked.Runtime != name || asked.Workload != workload {
		return asked, "unsupported", fmt.Sprintf("no %s or no %s here", asked.Runtime, asked.Workload)
	}
	return asked, "", ""
}

// How long a task is to sleep: the duration, and a share of the jitter that seed and task decide.
func delay(job job, token uint64) time.Duration {
	ns := job.Params["duration_ns"]
	if jitter := job.Params["jitter_ns"]; jitter > 0 {
		ns += splitmix64(token) % (jitter + 1)
	}
	return time.Duration(ns)
}

func splitmix64(x uint64) uint64 {
	z := x + 0x9e3779b97f4a7c15
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

func writeSpans(path string, rounds [][]span) {
	if path == "" {
		return
	}
	file, err := os.Create(path)
	if err != nil {
		fail(err)
	}
	buffer := bufio.NewWriter(file)
	for _, spans := range rounds {
		binary.Write(buffer, binary.LittleEndian, spans)
	}
	if err := buffer.Flush(); err != nil {
		fail(err)
	}
}

// One JSON object, on one line. Nothing else goes to standard output.
func say(message any) {
	if err := json.NewEncoder(os.Stdout).Encode(message); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
