// One round: its clock, its spans, and what its tasks returned.
#ifndef ROUND_H
#define ROUND_H

#include <stdint.h>
#include <time.h>

#include "job.h"

// What tasks returned, added up by whoever joined them; sums wrap.
struct tally {
    uint64_t completed, checksum;
};

struct span {
    uint64_t start_ns, finish_ns; // monotonic time
};

struct round {
    uint64_t began_ns, ended_ns, paused_ns;
    struct span *spans;
    struct tally tally;
};

static inline uint64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

// A task begins to do its work; call it within the task, before it waits.
static inline void begin(struct round *round, uint64_t span) {
    round->spans[span].start_ns = clock_ns(CLOCK_MONOTONIC);
}

static inline void finish(struct round *round, uint64_t span) {
    round->spans[span].finish_ns = clock_ns(CLOCK_MONOTONIC);
}

static inline uint64_t token(const struct job *job, uint64_t task) {
    return job->seed + task;
}

static inline void add(struct tally *tally, uint64_t returned) {
    tally->completed++;
    tally->checksum += returned;
}

static inline struct timespec timespec_of(uint64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
}

static inline uint64_t sleep_of(const struct job *job, uint64_t task) {
    return job->sleeps_ns ? job->sleeps_ns[task] : job->duration_ns;
}

// Where in the file the block begins that a task reads as its `read`th.
uint64_t block_offset(const struct job *job, uint64_t task, uint64_t read);

// Uses up a slice of CPU time on this thread: time that it waits for a CPU does not count.
void burn_slice(const struct job *job);

// All rounds of a job, their memory touched.
struct round *new_rounds(const struct job *job);

// Tells the lab that all tasks are alive, and waits for `go`. The wait is no part of the round.
void holding(struct round *round);

void write_spans(const struct job *job, const struct round *rounds);

#endif
