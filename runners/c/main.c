// The C runner: `describe`, `probe NAME`, or, with no argument, serve one job on standard input.
//
// pthreads.c and uring.c hold the workloads in their runtime's own idiom.

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "runtime.h"
#include "wire.h"

static const struct runtime *const RUNTIMES[] = {&PTHREADS, &LIBURING, NULL};

// ---------------------------------------------------------------------------------------- questions

// The workloads that a runtime has, each after a comma but the first.
static void print_workloads(const struct runtime *runtime) {
    const char *comma = "";
    for (const struct workload *workload = runtime->workloads; workload->name; workload++) {
        if (workload->run) {
            printf("%s\"%s\"", comma, workload->name);
            comma = ",";
        }
    }
}

// An object's member: what is said of some workloads, in the field of theirs at that place.
static void print_said(const struct runtime *runtime, const char *name, size_t place) {
    const char *comma = "";
    printf(",\"%s\":{", name);
    for (const struct workload *workload = runtime->workloads; workload->name; workload++) {
        const char *said = *(const char *const *)((const char *)workload + place);
        if (said) {
            printf("%s\"%s\":\"%s\"", comma, workload->name, said);
            comma = ",";
        }
    }
    printf("}");
}

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static void describe(void) {
    printf("{\"protocol\":%d,\"build\":{\"compiler\":\"%s\",\"flags\":\"%s\"},\"runtimes\":[", PROTOCOL, COMPILER, FLAGS);
    for (const struct runtime *const *runtime = RUNTIMES; *runtime; runtime++) {
        printf("%s{\"name\":\"%s\",\"version\":\"%s\",\"language\":\"c\",\"model\":\"%s\",\"workloads\":[",
               runtime == RUNTIMES ? "" : ",", (*runtime)->name, (*runtime)->version(), (*runtime)->model);
        print_workloads(*runtime);
        printf("]");
        print_said(*runtime, "unsupported", offsetof(struct workload, unsupported));
        print_said(*runtime, "caveats", offsetof(struct workload, caveat));
        printf("%s}", (*runtime)->more);
    }
    say("]}");
}

static const struct runtime *find_runtime(const char *name) {
    for (const struct runtime *const *runtime = RUNTIMES; *runtime; runtime++) {
        if (!strcmp((*runtime)->name, name)) {
            return *runtime;
        }
    }
    refuse("unsupported", "this runner hosts no runtime \"%.80s\"", name);
}

static const struct workload *find_workload(const struct runtime *runtime, const char *name) {
    for (const struct workload *workload = runtime->workloads; workload->name; workload++) {
        if (!strcmp(workload->name, name)) {
            if (!workload->run) {
                refuse("unsupported", "%s has no %s: %s", runtime->name, name, workload->unsupported);
            }
            return workload;
        }
    }
    refuse("unsupported", "%s has no workload %.80s", runtime->name, name);
}

// Really starts the runtime and has it run one task.
static void probe(const char *name) {
    answer_a_probe();
    struct job job = {.runtime = name, .workload = "spawn", .tasks = 1, .workers = 1, .rounds = 1, .seed = 7};
    const struct runtime *runtime = find_runtime(name);
    const struct workload *spawn = find_workload(runtime, job.workload);
    runtime->start(&job);
    spawn->run(&job, new_rounds(&job));
    say("{\"available\":true}");
}

// -------------------------------------------------------------------------------------------- a job

static uint64_t ns(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_usec * 1000;
}

static void report(const struct job *job, const struct round *rounds, struct rusage before, struct rusage after) {
    printf("{\"event\":\"done\",\"rounds\":[");
    for (uint64_t i = 0; i < job->rounds; i++) {
        const struct round *round = &rounds[i];
        printf("%s{\"makespan_ns\":%" PRIu64 ",\"completed\":%" PRIu64 ",\"checksum\":\"%" PRIu64 "\"}", i ? "," : "",
               round->ended_ns - round->began_ns - round->paused_ns, round->tally.completed, round->tally.checksum);
    }
    printf("],\"usage\":{\"cpu_user_ns\":%" PRIu64 ",\"cpu_system_ns\":%" PRIu64, ns(after.ru_utime) - ns(before.ru_utime),
           ns(after.ru_stime) - ns(before.ru_stime));
    printf(",\"switches_voluntary\":%ld,\"switches_involuntary\":%ld", after.ru_nvcsw - before.ru_nvcsw,
           after.ru_nivcsw - before.ru_nivcsw);
    say(",\"faults_minor\":%ld,\"faults_major\":%ld}}", after.ru_minflt - before.ru_minflt,
        after.ru_majflt - before.ru_majflt);
}

static void serve(void) {
    size_t length;
    const char *line = read_line(&length);
    if (!line) {
        return;
    }
    struct job job;
    read_job(&job, line, length);
    const struct runtime *runtime = find_runtime(job.runtime);
    const struct workload *workload = find_workload(runtime, job.workload);
    if (runtime->workers_max && job.workers > runtime->workers_max) {
        refuse("unsupported", "%s has at most %" PRIu64 " workers, not %" PRIu64, runtime->name, runtime->workers_max,
               job.workers);
    }
    runtime->start(&job);
    struct round *rounds = new_rounds(&job);
    line = ask("ready", &length);
    read_go(&job, line, length);

    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    for (uint64_t i = 0; i < job.rounds; i++) {
        rounds[i].began_ns = clock_ns(CLOCK_MONOTONIC);
        rounds[i].tally = workload->run(&job, &rounds[i]);
        rounds[i].ended_ns = clock_ns(CLOCK_MONOTONIC);
    }
    getrusage(RUSAGE_SELF, &after);

    report(&job, rounds, before, after);
    wait_for_end_of_input();
    if (job.spans_file) {
        write_spans(&job, rounds); // Only now, so that no measurement contains the writing.
    }
}

int main(int count, char **arguments) {
    if (count == 1) {
        serve();
    } else if (count == 2 && !strcmp(arguments[1], "describe")) {
        describe();
    } else if (count == 3 && !strcmp(arguments[1], "probe")) {
        probe(arguments[2]);
    } else {
        fprintf(stderr, "usage: %s describe | probe NAME | (no argument: serve one job on standard input)\n", *arguments);
        return 1;
    }
    return 0;
}
