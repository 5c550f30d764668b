package main

import (
	"bytes"
	"encoding/json"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	protocol = 2
	wrong    = "protocol-error"
)

// Values of the parameters kernel, io, policy, call and across.
const (
	sha256Kernel  = 1
	direct        = 1
	yields        = 0
	escape        = 1
	yieldWithLock = 1
)

// job is what one trial is to run, as the wire says it.
type job struct {
	Protocol  json.RawMessage   `json:"protocol"`
	Runtime   *string           `json:"runtime"`
	Workload  *string           `json:"workload"`
	Tasks     uint64            `json:"tasks"`
	Workers   uint64            `json:"workers"`
	Rounds    uint64            `json:"rounds"`
	Params    map[string]uint64 `json:"params"`
	SpansFile string            `json:"spans_file"`

	told
	sleeps []time.Duration // of each task of sleep
}

// told is what only the first go brings.
type told struct {
	Seed   *uint64 `json:"seed"`
	Origin string  `json:"origin"`
	File   string  `json:"file"`
}

// Parameters and their defaults, as in /crates/protocol/src/workload.rs.
var defaults = map[string]uint64{
	"duration_ns": 1_000_000, "jitter_ns": 0, "times": 100, "capacity": 1024, "file_bytes": 64 << 20, "io": 0,
	"kernel": 0, "steps": 1000, "burners": 2, "slice_ns": 1_000_000, "slices": 50, "policy": 0, "call": 0, "across": 0,
}

var atLeastOne = map[string]bool{"times": true, "capacity": true, "burners": true, "slices": true}

var choices = map[string]string{
	"kernel": "integer, sha256", "io": "cached, direct", "policy": "yield, hog", "call": "naive, escape",
	"across": "nothing, yield",
}

var withSpans = map[string]bool{
	"sleep": true, "hold": true, "mutex": true, "request": true, "file-read": true, "cpu": true, "blocking": true,
}

// readJob gives the job on a line, or says why it makes no sense.
func readJob(line []byte) (*job, *refused) {
	var job job
	if !utf8.Valid(line) || !json.Valid(line) {
		return nil, refuse(wrong, "the job is not a JSON object: %q", excerpt(line))
	}
	if !bytes.HasPrefix(bytes.TrimSpace(line), []byte("{")) {
		return nil, refuse(wrong, "the job is not a JSON object")
	}
	if err := json.Unmarshal(line, &job); err != nil {
		return nil, refuse(wrong, "the job cannot be read: %v", err) // names the field
	}
	if string(job.Protocol) != strconv.Itoa(protocol) {
		return nil, refuse(wrong, "the job uses protocol %s; this runner supports %d", job.Protocol, protocol)
	}
	for name, missing := range map[string]bool{
		"runtime": job.Runtime == nil, "workload": job.Workload == nil,
		"tasks": job.Tasks == 0, "workers": job.Workers == 0, "rounds": job.Rounds == 0,
	} {
		if missing {
			return nil, refuse(wrong, "the job's %q is missing, or 0", name)
		}
	}
	if problem := job.check(); problem != nil {
		return nil, problem
	}
	job.told = told{}
	return &job, nil
}

// tell takes what the line of the first go brings, or says why it makes no sense.
func (j *job) tell(line []byte) *refused {
	object := bytes.TrimPrefix(line, []byte("go "))
	if len(object) == len(line) {
		return refuse(wrong, "expected %q at a checkpoint, not %q", "go", excerpt(line))
	}
	if err := json.Unmarshal(object, &j.told); err != nil {
		return refuse(wrong, "go cannot be read: %v", err) // names the field
	}
	if j.Seed == nil {
		return refuse(wrong, "go brings no %q", "seed")
	}
	if *j.Workload == "request" {
		if _, err := net.ResolveTCPAddr("tcp", j.Origin); err != nil || strings.Index(j.Origin, ":") < 1 {
			return refuse(wrong, "go's %q is %q, not HOST:PORT", "origin", j.Origin)
		}
	}
	if *j.Workload == "file-read" && j.File == "" {
		return refuse(wrong, "go brings no %q", "file")
	}
	j.sleeps = j.sleepTimes()
	return nil
}

func (j *job) check() *refused {
	for name := range defaults {
		value := j.param(name)
		if atLeastOne[name] && value == 0 {
			return refuse(wrong, "%s = 0: %s needs at least 1", name, *j.Workload)
		}
		if words, is := choices[name]; is && value > 1 {
			return refuse(wrong, "%s = %d: it is one of %s", name, value, words)
		}
	}
	if *j.Workload == "ping-pong" && j.Tasks%2 != 0 {
		return refuse(wrong, "%d tasks: ping-pong runs pairs of tasks; give an even number", j.Tasks)
	}
	return nil
}

// param gives a parameter; its default where the job does not give it.
func (j *job) param(name string) uint64 {
	if value, given := j.Params[name]; given {
		return value
	}
	return defaults[name]
}

// spans tells how many a round records.
func (j *job) spans() uint64 {
	if *j.Workload == "mixed" {
		return j.Tasks * j.param("times")
	}
	if withSpans[*j.Workload] {
		return j.Tasks
	}
	return 0
}

func (j *job) sleepTimes() []time.Duration {
	if *j.Workload != "sleep" {
		return nil
	}
	duration, jitter := j.param("duration_ns"), j.param("jitter_ns")
	sleeps := make([]time.Duration, j.Tasks)
	for task := range sleeps {
		share := uint64(0)
		if jitter > 0 {
			share = splitmix64(*j.Seed+uint64(task)) % (jitter + 1)
		}
		sleeps[task] = time.Duration(duration + share)
	}
	return sleeps
}
