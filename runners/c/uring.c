// c-liburing: one thread around one io_uring, by liburing.
//
// The idiom of liburing's examples: requests are prepared and submitted together, the loop waits for their
// completions, and what a task is to do next stands in a small state of its own that the completion leads back
// to. There is no task but that: it is *requests in flight* that are counted, and what a task is made of lies
// in the kernel (`kernel_holding_bytes`).
//
// Settings: io_uring_queue_init's own, with 4096 entries, and completions for all requests where the kernel
// allows it. None of the flags that newer kernels offer (IORING_SETUP_DEFER_TASKRUN, SQPOLL).
//
// Nobody builds a program on a ring by hand, and most of its tasks are no code: it is a reference, ranked nowhere.
//
// What could mislead:
// - `spawn` and `yield` are requests that do nothing (IORING_OP_NOP): the cheapest way through the ring and
//   back. Nobody starts a task so; it is what the ring itself costs.
// - All tasks of a round start before the first completion is read, up to the ring's size.
// - In `hold` a task is a poll of one eventfd, which the kernel keeps; it wakes all of them.
// - A read of the page cache is done while it is submitted: the ring saves system calls there, and nothing waits.

#include "runtime.h"
#include "wire.h"

static const char *version(void);
static void start_runtime(const struct job *job);

#define MODEL "requests in flight, one thread around one io_uring (liburing)"
#define ONE_THREAD ",\"workers_default\":1,\"workers_max\":1"
#define REFERENCE ",\"family\":\"baseline\",\"reference\":true"

#ifdef HAVE_LIBURING

#include <endian.h>
#include <fcntl.h>
#include <inttypes.h>
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "limits.h"
#include "proof.h"

enum { ENTRIES = 4096, MOST_COMPLETIONS = 65536, BACKLOG = 4096, BUFFER_BYTES = 4096 };

static struct io_uring ring;

// A place for one request that is linked to `linked` more; submits first where they would not fit together.
static struct io_uring_sqe *prepare(unsigned linked) {
    if (io_uring_sq_space_left(&ring) < linked + 1) {
        io_uring_submit(&ring);
    }
    struct io_uring_sqe *request = io_uring_get_sqe(&ring);
    if (!request) {
        fail("the ring has no place, though all of it was submitted");
    }
    return request;
}

// Whose request it is; to be called once it is prepared.
static void label(struct io_uring_sqe *request, uint64_t task) {
    io_uring_sqe_set_data64(request, task);
}

// Submits what is prepared and gives the next completion: whose, and its result.
static int next_completion(uint64_t *task) {
    struct io_uring_cqe *completion;
    int error = io_uring_peek_cqe(&ring, &completion);
    while (error == -EAGAIN || error == -EINTR) {
        error = io_uring_submit_and_wait(&ring, 1);
        error = error < 0 ? error : io_uring_peek_cqe(&ring, &completion);
    }
    if (error) {
        fail("io_uring: %s", strerror(-error));
    }
    int result = completion->res;
    *task = io_uring_cqe_get_data64(completion);
    io_uring_cqe_seen(&ring, completion);
    return result;
}

static void require(bool done, const char *what, int result) {
    if (!done) {
        fail("%s: %s", what, result < 0 ? strerror(-result) : "came to an early end");
    }
}

static void *room_for(uint64_t count, size_t size) {
    void *room = calloc(count, size);
    if (!room) {
        fail("no memory for %" PRIu64 " tasks", count);
    }
    return room;
}

// -------------------------------------------------------------------------- sleep, spawn, hold, yield

static struct tally sleep_round(const struct job *job, struct round *round) {
    struct tally tally = {0};
    struct __kernel_timespec *waits = room_for(job->tasks, sizeof *waits); // The kernel reads them when submitted.
    for (uint64_t task = 0; task < job->tasks; task++) {
        struct timespec wait = timespec_of(sleep_of(job, task));
        waits[task] = (struct __kernel_timespec){.tv_sec = wait.tv_sec, .tv_nsec = wait.tv_nsec};
        struct io_uring_sqe *request = prepare(0);
        begin(round, task);
        io_uring_prep_timeout(request, &waits[task], 0, 0);
        label(request, task);
    }
    while (tally.completed < job->tasks) {
        uint64_t task;
        int result = next_completion(&task);
        require(result == -ETIME, "a timeout", result);
        finish(round, task);
        add(&tally, token(job, task));
    }
    free(waits);
    return tally;
}

static void prepare_nothing(uint64_t task) {
    struct io_uring_sqe *request = prepare(0);
    io_uring_prep_nop(request);
    label(request, task);
}

static struct tally spawn_round(const struct job *job, struct round *round) {
    (void)round;
    struct tally tally = {0};
    for (uint64_t task = 0; task < job->tasks; task++) {
        prepare_nothing(task);
    }
    while (tally.completed < job->tasks) {
        uint64_t task;
        next_completion(&task);
        add(&tally, token(job, task));
    }
    return tally;
}

static struct tally hold_round(const struct job *job, struct round *round) {
    struct tally tally = {0};
    int gate = eventfd(0, EFD_CLOEXEC);
    for (uint64_t task = 0; task < job->tasks; task++) {
        struct io_uring_sqe *request = prepare(0);
        begin(round, task);
        io_uring_prep_poll_add(request, gate, POLLIN);
        label(request, task);
    }
    io_uring_submit(&ring);
    holding(round);
    require(eventfd_write(gate, 1) == 0, "an eventfd", -errno);
    while (tally.completed < job->tasks) {
        uint64_t task;
        int result = next_completion(&task);
        require(result > 0, "a poll", result);
        finish(round, task);
        add(&tally, token(job, task));
    }
    close(gate);
    return tally;
}

static struct tally yield_round(const struct job *job, struct round *round) {
    (void)round;
    struct tally tally = {0};
    uint64_t *given = room_for(job->tasks, sizeof *given);
    for (uint64_t task = 0; task < job->tasks; task++) {
        prepare_nothing(task);
    }
    while (tally.completed < job->tasks) {
        uint64_t task;
        next_completion(&task);
        if (++given[task] < job->times) {
            prepare_nothing(task);
        } else {
            add(&tally, token(job, task) + given[task]);
        }
    }
    free(given);
    return tally;
}

// ---------------------------------------------------------------------------------------- brigade

struct stage {
    int from, to;
    uint64_t passes; // bytes handed on
    uint8_t byte;
    bool writes; // what it has in flight
};

static void read_next(struct stage *stages, uint64_t task) {
    struct io_uring_sqe *request = prepare(0);
    io_uring_prep_read(request, stages[task].from, &stages[task].byte, 1, 0);
    label(request, task);
    stages[task].writes = false;
}

static void write_on(struct stage *stages, uint64_t task) {
    struct io_uring_sqe *request = prepare(0);
    io_uring_prep_write(request, stages[task].to, &stages[task].byte, 1, 0);
    label(request, task);
    stages[task].writes = true;
}

// The last of the stages is the main one, which feeds the first and reads what the others handed on.
static struct stage *open_pipes(uint64_t tasks) {
    struct stage *stages = room_for(tasks + 1, sizeof *stages);
    for (uint64_t task = 0; task <= tasks; task++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC)) {
            fail("pipe: no more files");
        }
        stages[task].from = ends[0];
        stages[task ? task - 1 : tasks].to = ends[1];
    }
    return stages;
}

static struct tally brigade_round(const struct job *job, struct round *round) {
    (void)round;
    struct tally tally = {0};
    struct stage *stages = open_pipes(job->tasks);
    uint64_t main = job->tasks, sum = 0;
    for (uint64_t task = 0; task < job->tasks; task++) {
        read_next(stages, task);
    }
    stages[main].byte = (uint8_t)token(job, 0);
    write_on(stages, main);
    while (tally.completed < job->tasks || stages[main].passes < job->times) {
        uint64_t task;
        int result = next_completion(&task);
        struct stage *stage = &stages[task];
        require(result == 1, "a pipe of the brigade", result);
        if (task == main && stage->writes) {
            read_next(stages, task);
        } else if (task == main) {
            sum += stage->byte;
            if (++stage->passes < job->times) {
                stage->byte = (uint8_t)token(job, stage->passes);
                write_on(stages, task);
            }
        } else if (!stage->writes) {
            stage->byte++;
            write_on(stages, task);
        } else if (++stage->passes < job->times) {
            read_next(stages, task);
        } else {
            add(&tally, token(job, task));
        }
    }
    for (uint64_t task = 0; task <= main; task++) {
        close(stages[task].from);
        close(stages[task].to);
    }
    free(stages);
    tally.checksum += sum;
    return tally;
}

// ------------------------------------------------------------------------------------ request, echo

static void send_at_once(int connection) {
    int yes = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

struct exchange {
    int connection;
    uint64_t number, reply;
};

// Connect, send and receive as one chain: the kernel begins each when the one before is done. Only the last one
// has a completion, and the one that fails.
static struct tally request_round(const struct job *job, struct round *round) {
    struct tally tally = {0};
    struct exchange *exchanges = room_for(job->tasks, sizeof *exchanges);
    for (uint64_t task = 0; task < job->tasks; task++) {
        struct exchange *exchange = &exchanges[task];
        begin(round, task);
        exchange->connection = socket(job->origin.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        require(exchange->connection >= 0, "socket", -errno);
        send_at_once(exchange->connection);
        exchange->number = htole64(token(job, task));
        struct io_uring_sqe *request = prepare(2);
        io_uring_prep_connect(request, exchange->connection, (const struct sockaddr *)&job->origin, job->origin_length);
        label(request, task);
        request->flags |= IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
        request = prepare(1);
        io_uring_prep_send(request, exchange->connection, &exchange->number, 8, 0);
        label(request, task);
        request->flags |= IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
        request = prepare(0);
        io_uring_prep_recv(request, exchange->connection, &exchange->reply, 8, MSG_WAITALL);
        label(request, task);
    }
    while (tally.completed < job->tasks) {
        uint64_t task;
        int result = next_completion(&task);
        require(result == 8, "the origin", result);
        finish(round, task);
        close(exchanges[task].connection);
        add(&tally, le64toh(exchanges[task].reply));
    }
    free(exchanges);
    return tally;
}

struct client {
    int connection;
    bool sends; // what it has in flight
    uint64_t sent;
    char buffer[BUFFER_BYTES];
};

static void receive(struct client *clients, uint64_t task) {
    struct io_uring_sqe *request = prepare(0);
    io_uring_prep_recv(request, clients[task].connection, clients[task].buffer, BUFFER_BYTES, 0);
    label(request, task);
    clients[task].sends = false;
}

static void send_back(struct client *clients, uint64_t task, int bytes) {
    struct io_uring_sqe *request = prepare(0);
    io_uring_prep_send(request, clients[task].connection, clients[task].buffer, (size_t)bytes,
                       MSG_WAITALL | MSG_NOSIGNAL);
    label(request, task);
    clients[task].sends = true;
}

static int listen_for_clients(const struct job *job) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int backlog = job->tasks > BACKLOG ? (int)job->tasks : BACKLOG;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, backlog) ||
        getsockname(listener, (struct sockaddr *)&address, &length)) {
        fail("no port to listen at");
    }
    say("{\"event\":\"serving\",\"address\":\"127.0.0.1:%d\"}", ntohs(address.sin_port));
    return listener;
}

static void accept_one(int listener, uint64_t label_of_accept) {
    struct io_uring_sqe *request = prepare(0);
    io_uring_prep_accept(request, listener, NULL, NULL, SOCK_CLOEXEC);
    label(request, label_of_accept);
}

static struct tally echo_round(const struct job *job, struct round *round) {
    (void)round;
    struct tally tally = {0};
    struct client *clients = room_for(job->tasks, sizeof *clients);
    int listener = listen_for_clients(job);
    uint64_t accepting = job->tasks, accepted = 0;
    accept_one(listener, accepting);
    while (tally.completed < job->tasks) {
        uint64_t task;
        int result = next_completion(&task);
        require(result >= 0, "a client", result);
        if (task == accepting) {
            clients[accepted].connection = result;
            send_at_once(result);
            receive(clients, accepted);
            if (++accepted < job->tasks) {
                accept_one(listener, accepting);
            }
        } else if (clients[task].sends) {
            clients[task].sent += (uint64_t)result;
            receive(clients, task);
        } else if (result > 0) {
            send_back(clients, task, result);
        } else {
            close(clients[task].connection);
            add(&tally, token(job, task) + clients[task].sent);
        }
    }
    close(listener);
    free(clients);
    return tally;
}

// ----------------------------------------------------------------------------------------- file-read

struct reader {
    int file;
    uint64_t reads, sum;
};

static void read_block(const struct job *job, struct reader *readers, char (*blocks)[BLOCK_BYTES], uint64_t task) {
    struct reader *reader = &readers[task];
    struct io_uring_sqe *request = prepare(0);
    io_uring_prep_read(request, reader->file, blocks[task], BLOCK_BYTES, block_offset(job, task, reader->reads));
    label(request, task);
}

static struct tally file_round(const struct job *job, struct round *round) {
    struct tally tally = {0};
    struct reader *readers = room_for(job->tasks, sizeof *readers);
    char(*blocks)[BLOCK_BYTES] = aligned_alloc(BLOCK_BYTES, job->tasks * BLOCK_BYTES); // as O_DIRECT demands
    require(blocks, "memory for blocks", -ENOMEM);
    for (uint64_t task = 0; task < job->tasks; task++) {
        begin(round, task);
        readers[task].file = open(job->file, O_RDONLY | O_CLOEXEC | (job->io == DIRECT ? O_DIRECT : 0));
        require(readers[task].file >= 0, job->file, -errno);
        read_block(job, readers, blocks, task);
    }
    while (tally.completed < job->tasks) {
        uint64_t task;
        int result = next_completion(&task);
        struct reader *reader = &readers[task];
        require(result == BLOCK_BYTES, job->file, result);
        reader->sum += block_sum(blocks[task]);
        if (++reader->reads < job->times) {
            read_block(job, readers, blocks, task);
        } else {
            finish(round, task);
            close(reader->file);
            add(&tally, reader->sum);
        }
    }
    free(blocks);
    free(readers);
    return tally;
}

// ---------------------------------------------------------------------------------------- the runtime

static bool is(const struct job *job, const char *workload) {
    return !strcmp(job->workload, workload);
}

static const char *version(void) {
    return *LIBURING_VERSION ? LIBURING_VERSION : "unknown";
}

static void start_runtime(const struct job *job) {
    uint64_t files = is(job, "brigade") ? 2 * (job->tasks + 1) : 0;
    if (is(job, "request") || is(job, "echo") || is(job, "file-read")) {
        files = job->tasks;
    }
    require_files(files + 2); // the ring, and an eventfd or a listener
    struct io_uring_params params = {.flags = IORING_SETUP_CQSIZE, .cq_entries = 2 * ENTRIES};
    while (params.cq_entries < job->tasks && params.cq_entries < MOST_COMPLETIONS) {
        params.cq_entries *= 2;
    }
    int error = io_uring_queue_init_params(ENTRIES, &ring, &params);
    if (error) {
        refuse("unavailable", "io_uring_setup: %s; see sysctl kernel.io_uring_disabled, and the seccomp profile of a container",
               strerror(-error));
    }
}

#define RUN(function) .run = function

#else // Only to be described: see start_runtime.

static const char *version(void) {
    return "not built";
}

static void start_runtime(const struct job *job) {
    (void)job;
    refuse("unavailable", "built without liburing; run apt install liburing-dev, then make build");
}

static struct tally no_round(const struct job *job, struct round *round) {
    (void)job, (void)round;
    return (struct tally){0};
}

#define RUN(function) .run = no_round

#endif

#define CALL "on one thread, passing a message between its tasks would be a function call"

static const struct workload WORKLOADS[] = {
    {.name = "sleep", RUN(sleep_round), .caveat = "a task is a timer in the kernel"},
    {.name = "spawn", RUN(spawn_round), .caveat = "a task is an empty request: this is the cost of the ring"},
    {.name = "hold", RUN(hold_round), .caveat = "a task is a poll in the kernel: its memory is kernel memory"},
    {.name = "yield", RUN(yield_round), .caveat = "a switch is an empty request: no task runs in between"},
    {.name = "brigade", RUN(brigade_round)},
    {.name = "request", RUN(request_round), .caveat = "a task is a chain of requests, submitted with all the others"},
    {.name = "echo", RUN(echo_round)},
    {.name = "file-read", RUN(file_round), .caveat = "cached: a read completes while it is submitted, so nothing waits"},
    {.name = "ping-pong", .unsupported = CALL},
    {.name = "fan-in", .unsupported = CALL},
    {.name = "mutex", .unsupported = "its tasks share one thread, so nobody competes for a lock"},
    {.name = "skynet", .unsupported = "a request cannot start other requests: a tree would be our own loop"},
    {.name = "cpu", .unsupported = "its tasks are requests to the kernel and cannot compute"},
    {.name = "mixed", .unsupported = "its tasks are requests to the kernel and cannot compute"},
    {.name = "blocking", .unsupported = "the ring exists to avoid blocking calls"},
    {0},
};

const struct runtime LIBURING = {
    .name = "c-liburing",
    .model = MODEL,
    .version = version,
    .more = ONE_THREAD REFERENCE,
    .workers_max = 1,
    .start = start_runtime,
    .workloads = WORKLOADS,
};
