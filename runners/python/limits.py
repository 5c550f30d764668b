"""How many threads and processes can be alive at once here, and how many files can be open, as far as
that can be known beforehand.

Beyond the limit, `Thread.start` raises RuntimeError or, where the thread came to be but its frame
memory did not, waits for ever: better to refuse.
"""

import os
import resource
import sys

from arithmetic import skynet_nodes
from job import Refused

# Measured with 10,000 threads alive: 2.0 on 3.9; 2.8 to 2.9 on 3.11 and 3.13, where 21,700 threads
# fit below a map count of 65,530 and 22,500 do not. A stack, its guard page and, from 3.11 on, the
# thread's first 16 KiB for frames (a few of which the kernel merges with a neighbour).
MAPPINGS_A_THREAD = 3 if sys.version_info >= (3, 11) else 2

# glibc gives threads up to eight malloc arenas a core, of two mappings each.
SPARE_MAPPINGS = 64 + 16 * (os.cpu_count() or 1)


# Starting a thread took 41 microseconds at best (3.11 and 3.13, 2-core virtual machine); faster
# machines may take half of that.
QUICKEST_START_NS = 20_000

# The tasks of these wait for one another, or perhaps for a disk.
WAIT_FOR_ONE_ANOTHER = {"hold", "yield", "ping-pong", "fan-in", "mutex", "brigade", "echo", "file-read"}


def most_alive(job):
    """How many threads of a job can be alive at once where each task is one: all where they wait for one another;
    where tasks wait for a time, those that start while the first one waits; else perhaps no more than one."""
    waits = {
        "sleep": job.param("duration_ns") + job.param("jitter_ns"),
        "request": job.param("duration_ns"),
        "mixed": job.param("duration_ns") * job.param("times"),
        "blocking": job.param("duration_ns"),
    }
    if job.workload in WAIT_FOR_ONE_ANOTHER:
        return job.tasks + (job.workload == "fan-in")  # and one that receives
    if job.workload == "skynet":
        return skynet_nodes(job.tasks)
    started_meanwhile = 1 + waits.get(job.workload, 0) // QUICKEST_START_NS
    return min(job.tasks, started_meanwhile) + job.param("burners")


def require_threads(threads):
    """Raises `Refused` when `threads` more threads cannot be alive at once, with the lowest limit."""
    _require(threads, "threads", [*mapping_limits(), *process_limits()])


def require_processes(processes):
    """Raises `Refused` when `processes` more processes cannot, with the lowest limit."""
    _require(processes, "processes", process_limits())


def _require(wanted, what, limits):
    room, name = min(limits)
    if wanted > room:
        reason = f"{wanted} {what} cannot be alive at once: {name} leaves room for {room}"
        raise Refused("unsupported", reason)


def files_of(job, tasks):
    """How many files a job has open at once, where so many of its tasks run at once."""
    files = {"brigade": 2 * (job.tasks + 1), "request": tasks, "echo": tasks + 1, "file-read": tasks}
    return files.get(job.workload, 0)


def require_files(files):
    """Raises `Refused` when `files` more files cannot be open at once."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    now = len(os.listdir("/proc/self/fd"))
    if most != resource.RLIM_INFINITY and files + now > most:
        reason = (
            f"{files} files are needed beside the {now} that are open, and the soft limit is {most}; "
            f"raise it with ulimit -n {files + now}"
        )
        raise Refused("unsupported", reason)


def mapping_limits():
    """The limit on memory mappings as (how many more threads it leaves room for, its name and value)."""
    most = _number("/proc/sys/vm/max_map_count")
    if most is not None:
        free = most - _read("/proc/self/maps").count("\n") - SPARE_MAPPINGS
        name = f"vm.max_map_count = {most}, at {MAPPINGS_A_THREAD} mappings per thread,"
        yield max(free // MAPPINGS_A_THREAD, 0), name


def process_limits():
    """The same for each limit that counts threads and processes alike."""
    # kernel.threads-max and pid_max count every thread of the machine: "0.05 0.08 0.04 2/321 4711".
    everyone = int(_read("/proc/loadavg", "0 0 0 1/1 1").split()[3].split("/")[1])
    yield sys.maxsize, "nothing known"
    for name in ("threads-max", "pid_max"):
        most = _number(f"/proc/sys/kernel/{name}")
        if most is not None:
            yield max(most - everyone, 0), f"kernel.{name} = {most}"
    most = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    if most != resource.RLIM_INFINITY and os.geteuid() != 0:  # root is exempt
        yield max(most - 1, 0), f"the limit on a user's processes (ulimit -u) = {most}"
    yield from _control_group_limits()


def _control_group_limits():
    """pids.max of this process's control group and of all above it, versions 1 and 2."""
    for line in _read("/proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "pids"):
            continue
        root = os.path.join("/sys/fs/cgroup", controllers)
        while path:
            folder = root + path.rstrip("/")
            most, current = _number(f"{folder}/pids.max"), _number(f"{folder}/pids.current")
            if most is not None and current is not None:
                yield max(most - current, 0), f"{folder}/pids.max = {most}"
            path = path.rstrip("/").rpartition("/")[0] or ("/" if path != "/" else "")


def _read(path, otherwise=""):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return otherwise


def _number(path):
    """The number in a file of the kernel; None where there is no such file or it says `max`."""
    text = _read(path).strip()
    return int(text) if text.isdigit() else None
