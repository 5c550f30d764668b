#include "limits.h"

#include <dirent.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "wire.h"

enum { SPARE_MAPPINGS = 64 };

// The number in a file of the kernel; UINT64_MAX where there is no such file or it says `max`.
static uint64_t number_in(const char *path) {
    uint64_t number;
    FILE *file = fopen(path, "r");
    int found = file ? fscanf(file, "%" SCNu64, &number) : 0;
    if (file) {
        fclose(file);
    }
    return found == 1 ? number : UINT64_MAX;
}

enum { LONGEST_PATH = 4096 };

// How many more processes and threads the control group in this folder allows; UINT64_MAX where it has no limit.
static uint64_t room_in(const char *folder) {
    char path[LONGEST_PATH + 32];
    snprintf(path, sizeof path, "%s/pids.max", folder);
    uint64_t most = number_in(path);
    snprintf(path, sizeof path, "%s/pids.current", folder);
    uint64_t now = number_in(path);
    if (most == UINT64_MAX || now == UINT64_MAX) {
        return UINT64_MAX;
    }
    return most > now ? most - now : 0;
}

// The same of the own control group and of all above it: `0::/a/b`, or, of version 1, `5:pids:/a/b`.
static uint64_t room_in_control_groups(void) {
    uint64_t least = UINT64_MAX;
    char line[LONGEST_PATH], folder[LONGEST_PATH];
    FILE *file = fopen("/proc/self/cgroup", "r");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        char *controllers = strchr(line, ':'), *path = controllers ? strchr(++controllers, ':') : NULL;
        if (!path) {
            continue;
        }
        *path++ = 0;
        if (*controllers && strcmp(controllers, "pids")) {
            continue;
        }
        int root = snprintf(folder, sizeof folder, "/sys/fs/cgroup%s%s", *controllers ? "/" : "", controllers);
        strncat(folder, path, sizeof folder - root - 1);
        for (char *end = folder; end; end = strrchr(folder + root, '/')) {
            if (end != folder) {
                *end = 0;
            }
            uint64_t room = room_in(folder);
            least = room < least ? room : least;
        }
    }
    if (file) {
        fclose(file);
    }
    return least;
}

static uint64_t mappings_now(void) {
    FILE *file = fopen("/proc/self/maps", "r");
    uint64_t lines = 0;
    for (int c; file && (c = getc(file)) != EOF;) {
        lines += c == '\n';
    }
    if (file) {
        fclose(file);
    }
    return lines;
}

void require_threads(uint64_t threads, uint64_t mappings_a_thread) {
    static const char MAPS[] = "/proc/sys/vm/max_map_count";
    uint64_t most = number_in(MAPS), used = mappings_now() + SPARE_MAPPINGS;
    uint64_t room = most > used ? (most - used) / mappings_a_thread : 0;
    if (threads > room) {
        refuse("unsupported",
               "%" PRIu64 " threads alive at once need %" PRIu64 " memory mappings each, and vm.max_map_count = %" PRIu64
               " leaves room for %" PRIu64,
               threads, mappings_a_thread, most, room);
    }
    struct rlimit user;
    getrlimit(RLIMIT_NPROC, &user);
    const struct {
        const char *name;
        uint64_t most;
    } limits[] = {
        {"the soft limit on processes (ulimit -u)", user.rlim_cur},
        {"kernel.threads-max", number_in("/proc/sys/kernel/threads-max")},
        {"kernel.pid_max", number_in("/proc/sys/kernel/pid_max")},
        {"the room that pids.max of the control group leaves", room_in_control_groups()},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (threads >= limits[i].most) {
            refuse("unsupported", "%" PRIu64 " threads alive at once are more than %s = %" PRIu64 " allows", threads,
                   limits[i].name, limits[i].most);
        }
    }
}

void require_files(uint64_t files) {
    struct rlimit most;
    uint64_t now = 0;
    DIR *open = opendir("/proc/self/fd");
    while (open && readdir(open)) {
        now++;
    }
    if (open) {
        closedir(open);
    }
    if (!getrlimit(RLIMIT_NOFILE, &most) && files + now > most.rlim_cur) {
        refuse("unsupported",
               "%" PRIu64 " files are needed beside the %" PRIu64 " that are open, and the soft limit is %" PRIu64
               "; raise it with ulimit -n %" PRIu64,
               files, now, (uint64_t)most.rlim_cur, files + now);
    }
}

void restrict_to_cpus(uint64_t count) {
    cpu_set_t allowed, chosen;
    CPU_ZERO(&chosen);
    if (sched_getaffinity(0, sizeof allowed, &allowed)) {
        refuse("unavailable", "CPU affinity cannot be read");
    }
    if (count > (uint64_t)CPU_COUNT(&allowed)) {
        refuse("unsupported", "%" PRIu64 " workers: its tasks are threads, and this machine allows them %d CPUs", count,
               CPU_COUNT(&allowed));
    }
    for (int cpu = 0; (uint64_t)CPU_COUNT(&chosen) < count; cpu++) {
        if (CPU_ISSET(cpu, &allowed)) {
            CPU_SET(cpu, &chosen);
        }
    }
    if (sched_setaffinity(0, sizeof chosen, &chosen)) {
        refuse("unavailable", "CPU affinity cannot be set");
    }
}
