#include "proof.h"

#include <endian.h>
#include <string.h>

#include "job.h"

// SHA-256 as in FIPS 180-4, in plain C: no instruction of the CPU that is made for it.
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint32_t H[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static inline uint32_t rotate(uint32_t x, int by) {
    return x >> by | x << (32 - by);
}

static void hash_chunk(uint32_t h[8], const uint8_t chunk[64]) {
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++) {
        memcpy(&w[i], chunk + 4 * i, 4);
        w[i] = be32toh(w[i]);
    }
    for (int i = 16; i < 64; i++) {
        uint32_t small0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t small1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + small0 + w[i - 7] + small1;
    }
    memcpy(s, h, sizeof s);
    for (int i = 0; i < 64; i++) {
        uint32_t big1 = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25);
        uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
        uint32_t t1 = s[7] + big1 + choice + K[i] + w[i];
        uint32_t big0 = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22);
        uint32_t t2 = big0 + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) {
        h[i] += s[i];
    }
}

// The first eight bytes of the hash of so many chunks, each of them eight times the token.
static uint64_t sha256_of_chunks(uint64_t steps, uint64_t token) {
    uint32_t h[8];
    uint8_t chunk[64];
    uint64_t little = htole64(token), bits = htobe64(steps * 512), first;
    memcpy(h, H, sizeof h);
    for (int i = 0; i < 8; i++) {
        memcpy(chunk + 8 * i, &little, 8);
    }
    for (uint64_t step = 0; step < steps; step++) {
        hash_chunk(h, chunk);
    }
    memset(chunk, 0, sizeof chunk);
    chunk[0] = 0x80;
    memcpy(chunk + 56, &bits, 8);
    hash_chunk(h, chunk);
    uint32_t words[2] = {htobe32(h[0]), htobe32(h[1])};
    memcpy(&first, words, 8);
    return le64toh(first);
}

uint64_t compute(uint64_t kernel, uint64_t steps, uint64_t token) {
    if (kernel == SHA256) {
        return sha256_of_chunks(steps, token);
    }
    for (uint64_t step = 0; step < steps; step++) {
        token = splitmix64(token);
    }
    return token;
}

uint64_t block_sum(const void *block) {
    const uint64_t *words = block;
    uint64_t sum = 0;
    for (int i = 0; i < BLOCK_BYTES / 8; i++) {
        sum += le64toh(words[i]);
    }
    return sum;
}
