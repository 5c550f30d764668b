package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

const (
	excerptBytes = 80
	maxLineBytes = 1 << 20
)

var input = bufio.NewReaderSize(os.Stdin, maxLineBytes)

// refused says why this runner will not serve a job: unsupported, unavailable or protocol-error.
type refused struct {
	Event  string `json:"event"`
	Status string `json:"status"`
	Reason string `json:"reason"`
}

func (r *refused) Error() string { return r.Reason }

func refuse(status, format string, values ...any) *refused {
	return &refused{Event: "refused", Status: status, Reason: fmt.Sprintf(format, values...)}
}

// readLine gives the next line of input without its newline; false at the end of input.
func readLine() ([]byte, bool) {
	line, err := input.ReadSlice('\n')
	if err == nil {
		return line[:len(line)-1], true
	}
	return line, len(line) > 0
}

// send writes one JSON object as a line: the only thing that ever reaches standard output.
func send(message any) {
	line, err := json.Marshal(message)
	if err == nil {
		_, err = os.Stdout.Write(append(line, '\n'))
	}
	if err != nil {
		fail("standard output", err)
	}
}

// ready says that the job can begin, and gives the line that answers it. If input ends instead, the process ends.
func ready() []byte {
	send(map[string]string{"event": "ready"})
	line, more := readLine()
	if !more {
		os.Exit(0)
	}
	return line
}

// checkpoint sends an event and waits for "go". If input ends instead, the process ends.
func checkpoint(event string) {
	send(map[string]string{"event": event})
	word, more := readLine()
	if !more {
		os.Exit(0)
	}
	if string(word) != "go" {
		send(refuse("protocol-error", "expected %q at a checkpoint, not %q", "go", excerpt(word)))
		os.Exit(0)
	}
}

func waitForEndOfInput() { io.Copy(io.Discard, input) }

func excerpt(line []byte) string {
	if len(line) > excerptBytes {
		line = line[:excerptBytes]
	}
	return string(line)
}

// fail ends the process after an unexpected failure.
func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	os.Exit(1)
}
