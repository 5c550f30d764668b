// c-pthreads: a POSIX thread a task (glibc's NPTL), a lock, conditions, pipes and sockets that block.
//
// The idiom of pthreads(7): a function a thread, which is given a pointer and returns one; here a task's index
// and what it returns go in the pointer itself, and what all tasks need to know stands in `shared`.
//
// Settings: `stack_bytes`, where 0 leaves it to glibc (the soft limit on stacks, 8 MiB as a rule; only what is
// touched becomes memory). `workers` is the number of CPUs that the threads may use, by affinity set before any
// of them starts.
//
// What could mislead:
// - Starting a thread costs about as much as a sleep of 1 ms saves, so that few are ever alive together
//   where a task is short. All of them are in `hold`, `brigade`, `echo` and `mixed`.
// - The stack of a finished thread stays mapped until the thread is joined. Tasks are joined in the order in
//   which they were started, and from MOST_UNJOINED on the oldest one before the next is started. glibc keeps
//   40 MiB of stacks of joined threads for the next ones, so that a later round starts threads for less.
// - A channel is a lock and two conditions, and never spins: a message to a thread that waits is a system call,
//   and a switch.

#include <endian.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "limits.h"
#include "proof.h"
#include "runtime.h"
#include "wire.h"

enum {
    MAPPINGS_A_THREAD = 2, // a stack and its guard page
    MOST_UNJOINED = 16000,
    BACKLOG = 4096,
};

// What all tasks of the round under way share.
static const struct job *job;
static struct round *round_;

// ------------------------------------------------------------------------------- starting, joining

static pthread_attr_t attributes;

static pthread_t start_thread(void *(*work)(void *), void *argument) {
    pthread_t thread;
    int error = pthread_create(&thread, &attributes, work, argument);
    if (error) {
        fail("pthread_create: %s; see ulimit -u and -v, kernel.threads-max, vm.max_map_count and pids.max of the "
             "control group",
             strerror(error));
    }
    return thread;
}

static uint64_t join(pthread_t thread) {
    void *returned;
    pthread_join(thread, &returned);
    return (uintptr_t)returned;
}

// Threads in the order in which they were started, a ring of those that are not joined.
struct crew {
    pthread_t *threads;
    uint64_t room, started, joined;
    struct tally tally;
};

static struct crew crew_of(uint64_t tasks, uint64_t most_unjoined) {
    struct crew crew = {.room = tasks < most_unjoined ? tasks : most_unjoined};
    crew.threads = malloc(crew.room * sizeof *crew.threads);
    if (!crew.threads) {
        fail("no memory for %" PRIu64 " threads", crew.room);
    }
    return crew;
}

static void join_oldest(struct crew *crew) {
    add(&crew->tally, join(crew->threads[crew->joined++ % crew->room]));
}

static void start(struct crew *crew, void *(*work)(void *), void *argument) {
    if (crew->started - crew->joined == crew->room) {
        join_oldest(crew);
    }
    crew->threads[crew->started++ % crew->room] = start_thread(work, argument);
}

static struct tally join_all(struct crew *crew) {
    while (crew->joined < crew->started) {
        join_oldest(crew);
    }
    free(crew->threads);
    return crew->tally;
}

// A thread for each task, which needs no other one to end.
static struct tally run(void *(*task)(void *)) {
    struct crew crew = crew_of(job->tasks, MOST_UNJOINED);
    for (uintptr_t index = 0; index < job->tasks; index++) {
        start(&crew, task, (void *)index);
    }
    return join_all(&crew);
}

static void share(const struct job *of, struct round *round) {
    job = of;
    round_ = round;
}

static void *returned(uint64_t value) {
    return (void *)(uintptr_t)value;
}

static void wait_ns(uint64_t ns) {
    struct timespec left = timespec_of(ns);
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left)) {
    }
}

// --------------------------------------------------------------------------------- sleep, spawn, hold

static void *sleep_task(void *argument) {
    uint64_t task = (uintptr_t)argument;
    begin(round_, task);
    wait_ns(sleep_of(job, task));
    finish(round_, task);
    return returned(token(job, task));
}

static struct tally sleep_round(const struct job *of, struct round *round) {
    share(of, round);
    return run(sleep_task);
}

static void *spawn_task(void *argument) {
    return returned(token(job, (uintptr_t)argument));
}

static struct tally spawn_round(const struct job *of, struct round *round) {
    share(of, round);
    return run(spawn_task);
}

static struct {
    pthread_mutex_t lock;
    pthread_cond_t everyone_is_here, opened;
    uint64_t arrived;
    bool open;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .everyone_is_here = PTHREAD_COND_INITIALIZER,
          .opened = PTHREAD_COND_INITIALIZER};

static void *hold_task(void *argument) {
    uint64_t task = (uintptr_t)argument;
    begin(round_, task);
    pthread_mutex_lock(&gate.lock);
    if (++gate.arrived == job->tasks) {
        pthread_cond_signal(&gate.everyone_is_here);
    }
    while (!gate.open) {
        pthread_cond_wait(&gate.opened, &gate.lock);
    }
    pthread_mutex_unlock(&gate.lock);
    finish(round_, task);
    return returned(token(job, task));
}

static struct tally hold_round(const struct job *of, struct round *round) {
    share(of, round);
    gate.arrived = 0;
    gate.open = false;
    struct crew crew = crew_of(job->tasks, job->tasks);
    for (uintptr_t task = 0; task < job->tasks; task++) {
        start(&crew, hold_task, (void *)task);
    }
    pthread_mutex_lock(&gate.lock);
    while (gate.arrived < job->tasks) {
        pthread_cond_wait(&gate.everyone_is_here, &gate.lock);
    }
    holding(round);
    gate.open = true;
    pthread_cond_broadcast(&gate.opened);
    pthread_mutex_unlock(&gate.lock);
    return join_all(&crew);
}

// ------------------------------------------------------------- giving way, messages, a lock, a tree

static void *yield_task(void *argument) {
    uint64_t yields = 0;
    for (; yields < job->times; yields++) {
        sched_yield();
    }
    return returned(token(job, (uintptr_t)argument) + yields);
}

static struct tally yield_round(const struct job *of, struct round *round) {
    share(of, round);
    return run(yield_task);
}

struct pair {
    uint64_t number;
    struct channel there, back;
};

static void *first_of_pair(void *argument) {
    struct pair *pair = argument;
    uint64_t ball = token(job, pair->number);
    for (uint64_t hop = 0; hop < job->times; hop++) {
        channel_send(&pair->there, ball);
        channel_receive(&pair->back, &ball);
        ball++;
    }
    return returned(ball);
}

static void *second_of_pair(void *argument) {
    struct pair *pair = argument;
    uint64_t ball = 0;
    for (uint64_t hop = 0; hop < job->times; hop++) {
        channel_receive(&pair->there, &ball);
        channel_send(&pair->back, ++ball);
    }
    return returned(ball);
}

static struct tally ping_pong_round(const struct job *of, struct round *round) {
    share(of, round);
    uint64_t count = job->tasks / 2;
    struct pair *pairs = malloc(count * sizeof *pairs);
    // An even number of them may be unjoined, so that none waits for a partner that is not started.
    struct crew crew = crew_of(job->tasks, MOST_UNJOINED);
    for (uint64_t pair = 0; pair < count; pair++) {
        pairs[pair].number = pair;
        channel_open(&pairs[pair].there, 1);
        channel_open(&pairs[pair].back, 1);
        start(&crew, first_of_pair, &pairs[pair]);
        start(&crew, second_of_pair, &pairs[pair]);
    }
    struct tally tally = join_all(&crew);
    for (uint64_t pair = 0; pair < count; pair++) {
        channel_free(&pairs[pair].there);
        channel_free(&pairs[pair].back);
    }
    free(pairs);
    return tally;
}

static struct channel messages;

static void *send_all(void *argument) {
    uint64_t own = token(job, (uintptr_t)argument);
    for (uint64_t message = 0; message < job->times; message++) {
        channel_send(&messages, own + message);
    }
    return returned(own);
}

static void *add_up(void *unused) {
    (void)unused;
    uint64_t sum = 0, message;
    while (channel_receive(&messages, &message)) {
        sum += message;
    }
    return returned(sum);
}

static struct tally fan_in_round(const struct job *of, struct round *round) {
    share(of, round);
    channel_open(&messages, job->capacity);
    pthread_t receiver = start_thread(add_up, NULL); // the first one, so that senders can end while others start
    struct tally tally = run(send_all);
    channel_close(&messages);
    tally.checksum += join(receiver);
    channel_free(&messages);
    return tally;
}

static struct {
    pthread_mutex_t lock;
    uint64_t value;
} counter = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void *count_task(void *argument) {
    uint64_t task = (uintptr_t)argument;
    begin(round_, task);
    for (uint64_t turn = 0; turn < job->times; turn++) {
        pthread_mutex_lock(&counter.lock);
        if (job->across == YIELD_WITH_LOCK) {
            sched_yield();
        }
        counter.value++;
        pthread_mutex_unlock(&counter.lock);
    }
    finish(round_, task);
    return returned(token(job, task));
}

static struct tally mutex_round(const struct job *of, struct round *round) {
    share(of, round);
    counter.value = 0;
    struct tally tally = run(count_task);
    tally.checksum += counter.value;
    return tally;
}

struct node {
    uint64_t first, leaves;
    struct tally tally;
};

static void *node_task(void *argument) {
    struct node *node = argument;
    node->tally = (struct tally){.completed = 1};
    if (node->leaves == 1) {
        node->tally.checksum = token(job, node->first);
        return NULL;
    }
    uint64_t count = node->leaves < SKYNET_FAN_OUT ? node->leaves : SKYNET_FAN_OUT;
    uint64_t share = node->leaves / count, larger = node->leaves % count, first = node->first;
    struct node children[SKYNET_FAN_OUT];
    pthread_t threads[SKYNET_FAN_OUT];
    for (uint64_t child = 0; child < count; child++) {
        children[child] = (struct node){.first = first, .leaves = share + (child < larger)};
        first += children[child].leaves;
        threads[child] = start_thread(node_task, &children[child]);
    }
    for (uint64_t child = 0; child < count; child++) {
        pthread_join(threads[child], NULL);
        node->tally.completed += children[child].tally.completed;
        node->tally.checksum += children[child].tally.checksum;
    }
    return NULL;
}

static struct tally skynet_round(const struct job *of, struct round *round) {
    share(of, round);
    struct node root = {.leaves = job->tasks};
    pthread_join(start_thread(node_task, &root), NULL);
    return root.tally;
}

// ------------------------------------------------------------------------ pipes, sockets, files

struct stage {
    uint64_t task;
    int from, to;
};

static uint8_t read_byte(int from) {
    uint8_t byte;
    if (read(from, &byte, 1) != 1) {
        fail("a pipe of the brigade ended early");
    }
    return byte;
}

static void write_byte(int to, uint8_t byte) {
    if (write(to, &byte, 1) != 1) {
        fail("a pipe of the brigade is closed");
    }
}

static void *stage_task(void *argument) {
    struct stage *stage = argument;
    for (uint64_t pass = 0; pass < job->times; pass++) {
        write_byte(stage->to, read_byte(stage->from) + 1);
    }
    close(stage->from);
    close(stage->to);
    return returned(token(job, stage->task));
}

static struct tally brigade_round(const struct job *of, struct round *round) {
    share(of, round);
    struct stage *stages = malloc(job->tasks * sizeof *stages);
    struct crew crew = crew_of(job->tasks, job->tasks);
    int ends[2];
    if (pipe(ends)) {
        fail("pipe: no more files");
    }
    int entrance = ends[1], from = ends[0];
    for (uint64_t task = 0; task < job->tasks; task++) {
        if (pipe(ends)) {
            fail("pipe: no more files");
        }
        stages[task] = (struct stage){.task = task, .from = from, .to = ends[1]};
        from = ends[0];
        start(&crew, stage_task, &stages[task]);
    }
    uint64_t sum = 0;
    for (uint64_t pass = 0; pass < job->times; pass++) {
        write_byte(entrance, (uint8_t)token(job, pass));
        sum += read_byte(from);
    }
    struct tally tally = join_all(&crew);
    close(entrance);
    close(from);
    free(stages);
    tally.checksum += sum;
    return tally;
}

static void send_at_once(int connection) {
    int yes = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void *request_task(void *argument) {
    uint64_t task = (uintptr_t)argument, number = htole64(token(job, task)), reply;
    begin(round_, task);
    int connection = socket(job->origin.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(connection, (const struct sockaddr *)&job->origin, job->origin_length)) {
        fail("the origin cannot be reached");
    }
    send_at_once(connection);
    if (send(connection, &number, sizeof number, 0) != sizeof number ||
        recv(connection, &reply, sizeof reply, MSG_WAITALL) != sizeof reply) {
        fail("the origin hung up");
    }
    finish(round_, task);
    close(connection);
    return returned(le64toh(reply));
}

static struct tally request_round(const struct job *of, struct round *round) {
    share(of, round);
    return run(request_task);
}

static int listen_for_clients(void) {
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

struct client {
    uint64_t task;
    int connection;
};

static void *echo_task(void *argument) {
    struct client *client = argument;
    char buffer[4096];
    uint64_t sent = 0;
    ssize_t got;
    send_at_once(client->connection);
    while ((got = recv(client->connection, buffer, sizeof buffer, 0)) > 0) {
        if (send(client->connection, buffer, (size_t)got, MSG_NOSIGNAL) != got) {
            fail("a client went before it had all its answers");
        }
        sent += (uint64_t)got;
    }
    close(client->connection);
    return returned(token(job, client->task) + sent);
}

static struct tally echo_round(const struct job *of, struct round *round) {
    share(of, round);
    struct client *clients = malloc(job->tasks * sizeof *clients);
    struct crew crew = crew_of(job->tasks, job->tasks);
    int listener = listen_for_clients();
    for (uint64_t task = 0; task < job->tasks; task++) {
        clients[task] = (struct client){.task = task, .connection = accept(listener, NULL, NULL)};
        start(&crew, echo_task, &clients[task]);
    }
    close(listener);
    struct tally tally = join_all(&crew);
    free(clients);
    return tally;
}

static void *file_task(void *argument) {
    uint64_t task = (uintptr_t)argument, sum = 0;
    _Alignas(BLOCK_BYTES) char block[BLOCK_BYTES];
    begin(round_, task);
    int file = open(job->file, O_RDONLY | O_CLOEXEC | (job->io == DIRECT ? O_DIRECT : 0));
    for (uint64_t read = 0; read < job->times; read++) {
        if (pread(file, block, sizeof block, (off_t)block_offset(job, task, read)) != sizeof block) {
            fail("a block of %s cannot be read", job->file);
        }
        sum += block_sum(block);
    }
    close(file);
    finish(round_, task);
    return returned(sum);
}

static struct tally file_round(const struct job *of, struct round *round) {
    share(of, round);
    return run(file_task);
}

// ----------------------------------------------------------------------------------- computing

static void *cpu_task(void *argument) {
    uint64_t task = (uintptr_t)argument;
    begin(round_, task);
    uint64_t result = compute(job->kernel, job->steps, token(job, task));
    finish(round_, task);
    return returned(result);
}

static struct tally cpu_round(const struct job *of, struct round *round) {
    share(of, round);
    return run(cpu_task);
}

static void *heartbeat(void *argument) {
    uint64_t task = (uintptr_t)argument, sum = 0;
    for (uint64_t beat = task * job->times; beat < (task + 1) * job->times; beat++) {
        begin(round_, beat);
        wait_ns(job->duration_ns);
        finish(round_, beat);
        sum += token(job, beat);
    }
    return returned(sum);
}

static void *burner(void *argument) {
    uint64_t burnt = 0;
    for (; burnt < job->slices; burnt++) {
        burn_slice(job);
        if (job->policy == YIELD) {
            sched_yield();
        }
    }
    return returned(token(job, job->tasks * job->times + (uintptr_t)argument) + burnt);
}

static struct tally mixed_round(const struct job *of, struct round *round) {
    share(of, round);
    uint64_t all = job->tasks + job->burners;
    struct crew crew = crew_of(all, all);
    for (uintptr_t task = 0; task < job->tasks; task++) {
        start(&crew, heartbeat, (void *)task);
    }
    for (uintptr_t number = 0; number < job->burners; number++) {
        start(&crew, burner, (void *)number);
    }
    return join_all(&crew);
}

static void *blocking_task(void *argument) {
    uint64_t task = (uintptr_t)argument;
    begin(round_, task);
    wait_ns(job->duration_ns);
    finish(round_, task);
    return returned(token(job, task));
}

static struct tally blocking_round(const struct job *of, struct round *round) {
    share(of, round);
    return run(blocking_task);
}

// ----------------------------------------------------------------------------------- the runtime

#define FEW_ALIVE "the first threads end before the last ones start"

static const struct workload WORKLOADS[] = {
    {.name = "sleep", .run = sleep_round, .caveat = FEW_ALIVE},
    {.name = "spawn", .run = spawn_round},
    {.name = "hold", .run = hold_round},
    {.name = "yield", .run = yield_round, .caveat = "sched_yield yields only to a thread that waits for the same CPU"},
    {.name = "ping-pong", .run = ping_pong_round},
    {.name = "fan-in", .run = fan_in_round},
    {.name = "skynet", .run = skynet_round},
    {.name = "mutex", .run = mutex_round, .caveat = "the thread that unlocks usually takes the lock again at once"},
    {.name = "brigade", .run = brigade_round},
    {.name = "request", .run = request_round, .caveat = FEW_ALIVE},
    {.name = "echo", .run = echo_round},
    {.name = "file-read", .run = file_round},
    {.name = "cpu", .run = cpu_round, .caveat = "sha256 is plain C here; most others use the CPU's instructions"},
    {.name = "mixed", .run = mixed_round},
    {.name = "blocking", .run = blocking_round},
    {0},
};

static bool is(const struct job *of, const char *workload) {
    return !strcmp(of->workload, workload);
}

static uint64_t skynet_nodes(uint64_t leaves) {
    if (leaves == 1) {
        return 1;
    }
    uint64_t count = leaves < SKYNET_FAN_OUT ? leaves : SKYNET_FAN_OUT, nodes = 1;
    uint64_t share = leaves / count, larger = leaves % count;
    nodes += (count - larger) * skynet_nodes(share);
    return larger ? nodes + larger * skynet_nodes(share + 1) : nodes;
}

// The most threads that a job may have alive, or not joined, at once.
static uint64_t most_alive(const struct job *of) {
    uint64_t unjoined = of->tasks < MOST_UNJOINED ? of->tasks : MOST_UNJOINED;
    if (is(of, "hold") || is(of, "brigade") || is(of, "echo")) {
        return of->tasks;
    }
    if (is(of, "mixed")) {
        return of->tasks + of->burners;
    }
    return is(of, "skynet") ? skynet_nodes(of->tasks) : unjoined + 1;
}

static uint64_t most_files(const struct job *of) {
    if (is(of, "brigade")) {
        return 2 * (of->tasks + 1);
    }
    if (is(of, "echo")) {
        return of->tasks + 1;
    }
    return is(of, "request") || is(of, "file-read") ? of->tasks < MOST_UNJOINED ? of->tasks : MOST_UNJOINED : 1;
}

static void start_runtime(const struct job *of) {
    if (is(of, "blocking") && of->call == ESCAPE) {
        refuse("unsupported", "call = escape: each task has its own thread to block; ask for call = naive");
    }
    restrict_to_cpus(of->workers);
    require_threads(most_alive(of), MAPPINGS_A_THREAD);
    require_files(most_files(of));
    pthread_attr_init(&attributes);
    if (of->stack_bytes && pthread_attr_setstacksize(&attributes, of->stack_bytes)) {
        refuse("unsupported", "stack_bytes = %" PRIu64 ": glibc does not allow a stack of that size", of->stack_bytes);
    }
}

static const char *glibc_version(void) {
    return gnu_get_libc_version();
}

const struct runtime PTHREADS = {
    .name = "c-pthreads",
    .model = "one OS thread per task (glibc's POSIX threads); workers: the CPUs it may use",
    .version = glibc_version,
    .more = ",\"params\":{\"stack_bytes\":0}",
    .start = start_runtime,
    .workloads = WORKLOADS,
};
