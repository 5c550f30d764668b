#include "job.h"

#include <inttypes.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "proof.h"
#include "wire.h"

#define WRONG "protocol-error"

// A parameter: where it goes in a job, and which values are allowed.
struct param {
    const char *name;
    size_t place;
    uint64_t otherwise, least;
    const char *choices; // "a, b": it is 0 or 1
};

#define PLACE(name) #name, offsetof(struct job, name)

// As in /crates/protocol/src/workload.rs, where one name has the same default in all workloads but one.
static const struct param PARAMS[] = {
    {PLACE(duration_ns), 1000000, 0, NULL},
    {PLACE(jitter_ns), 0, 0, NULL},
    {PLACE(times), 100, 1, NULL},
    {PLACE(capacity), 1024, 1, NULL},
    {PLACE(file_bytes), 64 << 20, BLOCK_BYTES, NULL},
    {PLACE(io), CACHED, 0, "cached, direct"},
    {PLACE(kernel), INTEGER, 0, "integer, sha256"},
    {PLACE(steps), 1000, 0, NULL},
    {PLACE(burners), 2, 1, NULL},
    {PLACE(slice_ns), 1000000, 0, NULL},
    {PLACE(slices), 50, 1, NULL},
    {PLACE(policy), YIELD, 0, "yield, hog"},
    {PLACE(call), NAIVE, 0, "naive, escape"},
    {PLACE(across), NOTHING, 0, "nothing, yield"},
    {PLACE(stack_bytes), 0, 0, NULL},
};

static uint64_t number(const struct json *object, const char *name, uint64_t least) {
    uint64_t value;
    const struct json *field = json_part(object, name);
    if (!json_integer(field, &value) || value < least) {
        const char *said = field && field->text ? field->text : field ? "something else" : "missing";
        refuse(WRONG, "\"%s\" is %.80s, not a number from %" PRIu64, name, said, least);
    }
    return value;
}

static const char *text(const struct json *object, const char *name) {
    const struct json *field = json_part(object, name);
    if (!field || field->kind != JSON_STRING) {
        refuse(WRONG, "\"%s\" is not a string", name);
    }
    return field->text;
}

static const char *optional_text(const struct json *object, const char *name) {
    const struct json *field = json_part(object, name);
    return field && field->kind != JSON_NULL ? text(object, name) : NULL;
}

static void read_params(struct job *job, const struct json *params) {
    if (params && params->kind != JSON_OBJECT) {
        refuse(WRONG, "\"params\" is not an object");
    }
    for (const struct json *param = params ? params->first : NULL; param; param = param->next) {
        number(params, param->name, 0);
    }
    for (size_t i = 0; i < sizeof PARAMS / sizeof *PARAMS; i++) {
        const struct param *param = &PARAMS[i];
        uint64_t *value = (uint64_t *)((char *)job + param->place);
        bool given = params && json_part(params, param->name);
        *value = given ? number(params, param->name, 0) : param->otherwise;
        if (*value < param->least) {
            refuse(WRONG, "%s = %" PRIu64 ": %s needs at least %" PRIu64, param->name, *value, job->workload,
                   param->least);
        }
        if (param->choices && *value > 1) {
            refuse(WRONG, "%s = %" PRIu64 ": it is one of %s", param->name, *value, param->choices);
        }
    }
}

static void read_origin(struct job *job, const char *address) {
    char host[64];
    const char *port = strrchr(address, ':');
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found;
    const char *from = address + (*address == '[');
    size_t length = port ? (size_t)(port - from) - (port > from && port[-1] == ']') : 0;
    if (port && length < sizeof host) {
        memcpy(host, from, length);
        host[length] = 0;
        if (!getaddrinfo(host, port + 1, &hints, &found)) {
            memcpy(&job->origin, found->ai_addr, found->ai_addrlen);
            job->origin_length = found->ai_addrlen;
            freeaddrinfo(found);
            return;
        }
    }
    refuse(WRONG, "\"origin\" is \"%.80s\", not HOST:PORT", address);
}

static bool is_one_of(const char *name, const char *const *names) {
    for (; *names; names++) {
        if (!strcmp(name, *names)) {
            return true;
        }
    }
    return false;
}

static uint64_t spans_of(const struct job *job) {
    static const char *const WITH_SPANS[] = {"sleep", "hold", "mutex", "request", "file-read", "cpu", "blocking", NULL};
    if (!strcmp(job->workload, "mixed")) {
        return job->tasks * job->times;
    }
    return is_one_of(job->workload, WITH_SPANS) ? job->tasks : 0;
}

static const uint64_t *sleeps(const struct job *job) {
    if (strcmp(job->workload, "sleep") || job->jitter_ns == 0) {
        return NULL;
    }
    uint64_t *sleeps = calloc(job->tasks, sizeof *sleeps);
    for (uint64_t task = 0; sleeps && task < job->tasks; task++) {
        sleeps[task] = job->duration_ns + splitmix64(job->seed + task) % (job->jitter_ns + 1);
    }
    return sleeps;
}

void read_job(struct job *job, const char *line, size_t length) {
    const struct json *fields = json_read(line, length);
    uint64_t protocol;
    if (!fields) {
        refuse(WRONG, "the job is not a JSON object: \"%.80s\"", line);
    }
    if (fields->kind != JSON_OBJECT) {
        refuse(WRONG, "the job is not a JSON object");
    }
    if (!json_integer(json_part(fields, "protocol"), &protocol) || protocol != PROTOCOL) {
        refuse(WRONG, "the job uses another protocol than this runner, which supports %d", PROTOCOL);
    }
    *job = (struct job){
        .runtime = text(fields, "runtime"),
        .workload = text(fields, "workload"),
        .spans_file = optional_text(fields, "spans_file"),
        .tasks = number(fields, "tasks", 1),
        .workers = number(fields, "workers", 1),
        .rounds = number(fields, "rounds", 1),
    };
    read_params(job, json_part(fields, "params"));
    if (!strcmp(job->workload, "ping-pong") && job->tasks % 2) {
        refuse(WRONG, "%" PRIu64 " tasks: ping-pong runs pairs of tasks; give an even number", job->tasks);
    }
    job->spans = spans_of(job);
}

void read_go(struct job *job, const char *line, size_t length) {
    static const char GO[] = "go ";
    size_t word = sizeof GO - 1;
    const struct json *fields = strncmp(line, GO, word) ? NULL : json_read(line + word, length - word);
    if (!fields || fields->kind != JSON_OBJECT) {
        refuse(WRONG, "expected \"go\" at a checkpoint, with an object, not \"%.80s\"", line);
    }
    job->seed = number(fields, "seed", 0);
    if (!strcmp(job->workload, "request")) {
        read_origin(job, text(fields, "origin"));
    }
    if (!strcmp(job->workload, "file-read")) {
        job->file = text(fields, "file");
    }
    job->sleeps_ns = sleeps(job);
}
