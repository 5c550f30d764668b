package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// What a task computes: the arithmetic of /crates/protocol/src/proof.rs, by which a round is proven.

const (
	blockBytes   = 4096
	skynetFanOut = 10
)

// splitmix64 is SplitMix64 (Steele, Lea and Flood, 2014): the output for state x.
func splitmix64(x uint64) uint64 {
	z := x + 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// compute is what a task of cpu returns: so many steps of a kernel on its token.
func compute(kernel, steps, token uint64) uint64 {
	if kernel == sha256Kernel {
		hash := sha256.New()
		step := bytes.Repeat(pack(token), 8)
		for done := uint64(0); done < steps; done++ {
			hash.Write(step)
		}
		return unpack(hash.Sum(nil))
	}
	for step := uint64(0); step < steps; step++ {
		token = splitmix64(token)
	}
	return token
}

// blockSum is the wrapping sum of the words of a block.
func blockSum(block []byte) uint64 {
	sum := uint64(0)
	for ; len(block) >= 8; block = block[8:] {
		sum += unpack(block)
	}
	return sum
}

func pack(number uint64) []byte {
	return binary.LittleEndian.AppendUint64(nil, number)
}

func unpack(bytes []byte) uint64 { return binary.LittleEndian.Uint64(bytes) }
