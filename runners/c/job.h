// What one trial is to run, as the wire says it: first the job, then, with `go`, seed, origin and file.
#ifndef JOB_H
#define JOB_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { PROTOCOL = 2, BLOCK_BYTES = 4096 };

// Values of the parameters `kernel`, `io`, `policy`, `call` and `across`.
enum { INTEGER, SHA256 };
enum { CACHED, DIRECT };
enum { YIELD, HOG };
enum { NAIVE, ESCAPE };
enum { NOTHING, YIELD_WITH_LOCK };

struct json;

struct job {
    const char *runtime, *workload, *spans_file, *file;
    uint64_t tasks, workers, rounds, seed;
    // Parameters, each its default where the job or the workload has none.
    uint64_t duration_ns, jitter_ns, times, capacity, file_bytes, io, kernel, steps, burners, slice_ns, slices,
        policy, call, across, stack_bytes;
    const uint64_t *sleeps_ns; // of each task, where they differ
    uint64_t spans;            // a round
    struct sockaddr_storage origin;
    socklen_t origin_length;
};

// The job on a line; refuses where it makes no sense. What only `go` brings is left out.
void read_job(struct job *job, const char *line, size_t length);

// What the line of the first `go` brings; refuses where it makes no sense.
void read_go(struct job *job, const char *line, size_t length);

#endif
