/* template: REPLACE by what it is and how it schedules.
 *
 * It works as it stands, with a POSIX thread for each task. REPLACE marks what is yours to change.
 * PROTOCOL.md describes the whole wire: `describe`, `probe NAME`, or, with no argument,
 * one job on standard input. */

#define _GNU_SOURCE
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAME "template"
#define VERSION "0.1.0"                              /* REPLACE by the version of what is measured. */
#define MODEL "placeholder: one POSIX thread per task" /* REPLACE by how it schedules. */
#define PROTOCOL 2

/* The input of a task, and its span: start and finish, nanoseconds since its round began. */
struct task {
    pthread_t thread;
    uint64_t delay_ns, token, span[2];
};

static uint64_t round_began;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void *run_task(void *of) {
    struct task *task = of;
    struct timespec delay = {(time_t)(task->delay_ns / 1000000000), (long)(task->delay_ns % 1000000000)};
    task->span[0] = now() - round_began;
    nanosleep(&delay, NULL); /* REPLACE by its own timer. */
    task->span[1] = now() - round_began;
    return &task->token;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* One round: starts all tasks, then joins them all. Reports it in JSON. */
static void run_round(struct task *tasks, uint64_t count) {
    uint64_t sum = 0, completed = 0;
    round_began = now();
    for (uint64_t i = 0; i < count; i++) { /* REPLACE by its own start of a task. */
        if (pthread_create(&tasks[i].thread, NULL, run_task, &tasks[i]) != 0)
            fail("starting a thread");
    }
    for (uint64_t i = 0; i < count; i++) { /* REPLACE by its own join. */
        void *returned;
        pthread_join(tasks[i].thread, &returned);
        sum += *(uint64_t *)returned; /* Wraps at 64 bits, as it should. */
        completed++;
    }
    uint64_t makespan = now() - round_began;
    printf("{\"makespan_ns\":%" PRIu64 ",\"completed\":%" PRIu64 ",\"checksum\":\"%" PRIu64 "\"}", makespan,
           completed, sum);
}

/* What stands under a key of the job, or of `go`, up to the end of the line; empty where there is no such key. */
static const char *under(const char *job, const char *key) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(job, quoted);
    return at ? at + strlen(quoted) : "";
}

static uint64_t number(const char *job, const char *key) { return strtoull(under(job, key), NULL, 10); }

/* The text under a key; a path with quotes or backslashes in it is more than this reads. */
static char *text(const char *job, const char *key) {
    const char *at = under(job, key);
    return *at == '"' ? strndup(at + 1, strcspn(at + 1, "\"")) : strdup("");
}

static void refuse(const char *status, const char *reason) {
    printf("{\"event\":\"refused\",\"status\":\"%s\",\"reason\":\"%s\"}\n", status, reason);
    exit(0);
}

/* Refuses a job that makes no sense, or is none of ours. */
static void check(const char *job) {
    if (*job != '{' || number(job, "protocol") != PROTOCOL)
        refuse("protocol-error", "not a job of protocol 2");
    if (number(job, "tasks") < 1 || number(job, "workers") < 1 || number(job, "rounds") < 1)
        refuse("protocol-error", "a job has at least 1 task, 1 worker and 1 round");
    if (strcmp(text(job, "runtime"), NAME) != 0)
        refuse("unsupported", "no such runtime here");
    if (strcmp(text(job, "workload"), "sleep") != 0) /* Add the next one when this one passes. */
        refuse("unsupported", "no such workload here");
}

static uint64_t splitmix64(uint64_t x) {
    uint64_t z = x + 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* How long a task is to sleep: the duration, and a share of the jitter that seed and task decide. */
static uint64_t delay_ns(const char *job, uint64_t token) {
    uint64_t jitter = number(job, "jitter_ns");
    return number(job, "duration_ns") + (jitter ? splitmix64(token) % (jitter + 1) : 0);
}

/* The tasks of all rounds, one round after another. */
static struct task *make_room(uint64_t tasks) {
    struct task *room = malloc(tasks * sizeof *room);
    if (!room)
        fail("making room for the tasks");
    memset(room, 0xff, tasks * sizeof *room); /* Touched, so that no round pays for it. */
    return room;
}

/* What only the first `go` lets us work out. */
static void set_tasks(struct task *tasks, const char *job, const char *go, uint64_t count, uint64_t rounds) {
    for (uint64_t i = 0; i < count * rounds; i++) {
        tasks[i].token = number(go, "seed") + i % count;
        tasks[i].delay_ns = delay_ns(job, tasks[i].token);
    }
}

static void write_spans(const char *path, const struct task *tasks, uint64_t count) {
    FILE *file = fopen(path, "wb");
    if (!file)
        fail(path);
    for (uint64_t i = 0; i < count; i++) /* Little-endian, as this machine is if it is x86 or ARM. */
        fwrite(tasks[i].span, sizeof(uint64_t), 2, file);
    if (fclose(file) != 0)
        fail(path);
}

static void serve(void) {
    char *job = NULL, *go = NULL;
    size_t size = 0, go_size = 0;
    if (getline(&job, &size, stdin) < 0)
        return;
    check(job);
    uint64_t count = number(job, "tasks"), rounds = number(job, "rounds");
    struct task *tasks = make_room(count * rounds);
    /* REPLACE: build it here, with "workers" threads. This is start-up; no task has run yet. */
    printf("{\"event\":\"ready\"}\n");
    fflush(stdout);
    if (getline(&go, &go_size, stdin) < 0)
        return;
    set_tasks(tasks, job, go, count, rounds);
    printf("{\"event\":\"done\",\"rounds\":[");
    for (uint64_t round = 0; round < rounds; round++) {
        fputs(round ? "," : "", stdout);
        run_round(tasks + round * count, count);
    }
    printf("]}\n");
    fflush(stdout);
    while (getchar() != EOF) /* The lab looks at this process until it closes our input. */
        ;
    char *path = text(job, "spans_file");
    if (*path)
        write_spans(path, tasks, count * rounds);
}

int main(int count, char **words) {
    if (count == 2 && strcmp(words[1], "describe") == 0)
        printf("{\"protocol\":%d,\"runtimes\":[{\"name\":\"" NAME "\",\"version\":\"" VERSION
               "\",\"language\":\"c\",\"model\":\"" MODEL "\",\"workloads\":[\"sleep\"]}]}\n",
               PROTOCOL);
    else if (count == 3 && strcmp(words[1], "probe") == 0)
        printf("{\"available\":true}\n"); /* REPLACE: start it, and give the reason where that fails. */
    else
        serve();
    return 0;
}
