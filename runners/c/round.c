#include "round.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#include "proof.h"
#include "wire.h"

enum { STEPS_A_LOOK = 1000 }; // at the clock, which is a system call

uint64_t block_offset(const struct job *job, uint64_t task, uint64_t read) {
    uint64_t blocks = job->file_bytes / BLOCK_BYTES;
    return splitmix64(splitmix64(token(job, task)) + read) % blocks * BLOCK_BYTES;
}

void burn_slice(const struct job *job) {
    uint64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + job->slice_ns;
    volatile uint64_t kept = end;
    while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end) {
        kept = compute(INTEGER, STEPS_A_LOOK, kept);
    }
}

struct round *new_rounds(const struct job *job) {
    struct round *rounds = calloc(job->rounds, sizeof *rounds);
    for (uint64_t i = 0; rounds && i < job->rounds; i++) {
        rounds[i].spans = malloc((job->spans + 1) * sizeof *rounds->spans);
        for (uint64_t span = 0; rounds[i].spans && span < job->spans; span++) {
            rounds[i].spans[span] = (struct span){.start_ns = UINT64_MAX}; // Runs backwards until the task has run.
        }
    }
    return rounds;
}

void holding(struct round *round) {
    uint64_t before = clock_ns(CLOCK_MONOTONIC);
    checkpoint("holding");
    round->paused_ns += clock_ns(CLOCK_MONOTONIC) - before;
}

void write_spans(const struct job *job, const struct round *rounds) {
    FILE *file = fopen(job->spans_file, "wb");
    for (uint64_t i = 0; file && i < job->rounds; i++) {
        const struct round *round = &rounds[i];
        for (uint64_t span = 0; span < job->spans; span++) {
            struct span at = round->spans[span];
            uint64_t start = at.start_ns == UINT64_MAX ? at.start_ns : at.start_ns - round->began_ns;
            // In `hold` every task finishes after the pause: the gate opens only then.
            uint64_t finish = at.finish_ns ? at.finish_ns - round->began_ns - round->paused_ns : 0;
            uint64_t words[2] = {htole64(start), htole64(finish)};
            fwrite(words, sizeof words, 1, file);
        }
    }
    if (!file || ferror(file) || fclose(file)) {
        fail("%s cannot be written", job->spans_file);
    }
}
