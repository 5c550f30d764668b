// What a task computes: the arithmetic of /crates/protocol/src/proof.rs, by which a round is proven.
#ifndef PROOF_H
#define PROOF_H

#include <stdint.h>

enum { SKYNET_FAN_OUT = 10 };

// SplitMix64 (Steele, Lea and Flood, 2014): the output for state `x`.
static inline uint64_t splitmix64(uint64_t x) {
    uint64_t z = x + 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

// What a task of `cpu` returns: so many steps of a kernel on its token.
uint64_t compute(uint64_t kernel, uint64_t steps, uint64_t token);

// Wrapping sum of the little-endian words of a block.
uint64_t block_sum(const void *block);

#endif
