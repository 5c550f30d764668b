package main

import (
	"bufio"
	"encoding/binary"
	"math"
	"os"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// span is when a task began and ended, since the process did.
type span struct{ start, finish time.Duration }

// round is one repetition of the workload: its clock, its spans, what its tasks returned.
type round struct {
	*job
	tasks, times         uint64
	spans                []span
	began, ended, paused time.Duration
	tally                tally
}

// tally is what tasks returned, added up by whoever joined them; sums wrap.
type tally struct{ completed, checksum uint64 }

func (t *tally) add(returned uint64) {
	t.completed++
	t.checksum += returned
}

var processBegan = time.Now()

// now is monotonic time.
func now() time.Duration { return time.Since(processBegan) }

// newRound makes a round whose memory is touched already.
func newRound(job *job) *round {
	r := &round{job: job, tasks: job.Tasks, times: job.param("times"), spans: make([]span, job.spans())}
	for i := range r.spans {
		r.spans[i].start = -1 // Runs backwards (-1 is the largest u64) until the task has run.
	}
	return r
}

func (r *round) token(task uint64) uint64 { return *r.Seed + task }

// begin records that a task begins to do its work; to be called within the task, before it waits.
func (r *round) begin(span uint64) { r.spans[span].start = now() }

// finish records that its work is over.
func (r *round) finish(span uint64) { r.spans[span].finish = now() }

// holding tells the lab that all tasks are alive, and waits for `go`. The wait is no part of the round.
func (r *round) holding() {
	before := now()
	checkpoint("holding")
	r.paused += now() - before
}

func (r *round) report() map[string]any {
	return map[string]any{
		"makespan_ns": int64(r.ended - r.began - r.paused),
		"completed":   r.tally.completed,
		"checksum":    strconv.FormatUint(r.tally.checksum, 10),
	}
}

// writeSpans writes start and finish of each span in turn, nanoseconds since its round began.
func writeSpans(path string, rounds []*round) {
	file, err := os.Create(path)
	if err != nil {
		fail("the spans file", err)
	}
	out := bufio.NewWriter(file)
	for _, r := range rounds {
		for _, span := range r.spans {
			words := [2]uint64{math.MaxUint64, 0}
			if span.start >= 0 {
				words[0] = uint64(span.start - r.began)
			}
			if span.finish > 0 {
				// In hold every task finishes after the pause: the gate opens only then.
				words[1] = uint64(span.finish - r.began - r.paused)
			}
			binary.Write(out, binary.LittleEndian, words[:])
		}
	}
	if err := out.Flush(); err != nil {
		fail("the spans file", err)
	}
	if err := file.Close(); err != nil {
		fail("the spans file", err)
	}
}

// burnSlice uses up CPU time: waiting for a CPU does not count. Go has no clock of a goroutine's CPU time, so that of
// its thread is read every few microseconds. Where the goroutine has changed threads, or another one has run on its
// thread meanwhile, that reading is off by far more than a look takes, and is left out. (Tied to its thread, it would
// need no such care, but the scheduler could not give the thread to a goroutine that wakes.)
func burnSlice(slice time.Duration) {
	const stepsALook, longestLook = 1000, 100 * time.Microsecond
	x, last := uint64(slice), threadTime()
	for used := time.Duration(0); used < slice; {
		x = compute(0, stepsALook, x)
		now := threadTime()
		if look := now - last; look >= 0 && look < longestLook {
			used += look
		}
		last = now
	}
	kept = x
}

// kept holds the result of the burning, so that the compiler does not remove it.
var kept uint64

// threadTime is the CPU time of this thread; Go has no call for it.
func threadTime() time.Duration {
	const clockThreadCPUTime = 3
	var used syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockThreadCPUTime, uintptr(unsafe.Pointer(&used)), 0)
	return time.Duration(used.Nano())
}

type usage struct{ syscall.Rusage }

func usageNow() usage {
	var now usage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &now.Rusage); err != nil {
		fail("getrusage", err)
	}
	return now
}

func (u usage) since(before usage) map[string]int64 {
	return map[string]int64{
		"cpu_user_ns":          u.Utime.Nano() - before.Utime.Nano(),
		"cpu_system_ns":        u.Stime.Nano() - before.Stime.Nano(),
		"switches_voluntary":   u.Nvcsw - before.Nvcsw,
		"switches_involuntary": u.Nivcsw - before.Nivcsw,
		"faults_minor":         u.Minflt - before.Minflt,
		"faults_major":         u.Majflt - before.Majflt,
	}
}
