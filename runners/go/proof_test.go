package main

import "testing"

func TestSplitmix64GivesThePublishedSequence(t *testing.T) {
	if got := splitmix64(1_234_567); got != 6_457_827_717_110_365_317 {
		t.Error(got)
	}
}

func TestKernelsAreThoseThatOthersCompute(t *testing.T) {
	// printf 'abcdefgh%.0s' {1..16} | sha256sum: two steps on the token "abcdefgh".
	if got := pack(compute(sha256Kernel, 2, unpack([]byte("abcdefgh")))); string(got) != "\x4d\x86\x96\x9d\x39\x06\x10\xcf" {
		t.Errorf("%x", got)
	}
	if got := compute(0, 2, 7); got != splitmix64(splitmix64(7)) {
		t.Error(got)
	}
}

func TestASliceIsCPUTime(t *testing.T) {
	before := usageNow()
	burnSlice(5_000_000)
	if used := usageNow().since(before); used["cpu_user_ns"]+used["cpu_system_ns"] < 4_900_000 {
		t.Error(used)
	}
}
