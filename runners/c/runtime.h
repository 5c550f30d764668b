// A runtime as the rest of the runner sees it.
#ifndef RUNTIME_H
#define RUNTIME_H

#include "round.h"

// A workload: the function that runs one round of it, or the reason why there is none; and what must be said
// wherever its figure is ranked.
struct workload {
    const char *name;
    struct tally (*run)(const struct job *, struct round *);
    const char *unsupported, *caveat;
};

struct runtime {
    const char *name, *model;
    const char *(*version)(void); // of the library, not of the runner
    const char *more; // members of its description beside those that all have, each after a comma
    uint64_t workers_max;
    // Builds the runtime: everything that comes before the first task. Refuses what cannot be done.
    void (*start)(const struct job *);
    const struct workload *workloads; // ends with one that has no name
};

extern const struct runtime PTHREADS, LIBURING;

#endif
