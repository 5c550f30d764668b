// The Go runner: "describe", "probe NAME", or, with no argument, serve one job on standard input.
//
// PROTOCOL.md describes the wire. The workloads, in Go's own idiom, are in goroutines.go and in the files beside it.
package main

import (
	"fmt"
	"os"
)

const usageText = "usage: runner describe | probe NAME | (no argument: serve one job on standard input)"

func main() {
	switch arguments := os.Args[1:]; {
	case len(arguments) == 0:
		serve()
	case len(arguments) == 1 && arguments[0] == "describe":
		send(describe())
	case len(arguments) == 2 && arguments[0] == "probe":
		send(probe(arguments[1]))
	default:
		fmt.Fprintln(os.Stderr, usageText)
		os.Exit(1)
	}
}
