"""How many threads can be alive at once here, as far as that can be known beforehand.

Beyond the limit, `Thread.start` raises RuntimeError or, where the thread came to be but its frame
memory did not, waits for ever: better to refuse.
"""

import os
import resource
import sys

from serving import Refused

# Measured with 10,000 threads alive: 2.0 on 3.9; 2.8 to 2.9 on 3.11 and 3.13, where 21,700 threads
# fit below a map count of 65,530 and 22,500 do not. A stack, its guard page and, from 3.11 on, the
# thread's first 16 KiB for frames (a few of which the kernel merges with a neighbour).
MAPPINGS_A_THREAD = 3 if sys.version_info >= (3, 11) else 2

# glibc gives threads up to eight malloc arenas a core, of two mappings each.
SPARE_MAPPINGS = 64 + 16 * (os.cpu_count() or 1)


def require_threads(threads):
    """Raises `Refused` when `threads` more threads cannot be alive at once, with the lowest limit."""
    room, name = min(limits())
    if threads > room:
        reason = f"{threads} threads cannot be alive at once: {name} leaves room for {room}"
        raise Refused("unsupported", reason)


def limits():
    """Each limit as (how many more threads it leaves room for, its name and value)."""
    # kernel.threads-max and pid_max count every thread of the machine: "0.05 0.08 0.04 2/321 4711".
    everyone = int(_read("/proc/loadavg", "0 0 0 1/1 1").split()[3].split("/")[1])
    yield sys.maxsize, "nothing known"
    most = _number("/proc/sys/vm/max_map_count")
    if most is not None:
        free = most - _read("/proc/self/maps").count("\n") - SPARE_MAPPINGS
        name = f"vm.max_map_count = {most}, at {MAPPINGS_A_THREAD} mappings a thread,"
        yield max(free // MAPPINGS_A_THREAD, 0), name
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
    """The number in a file of the kernel's; None where there is no such file or it says `max`."""
    text = _read(path).strip()
    return int(text) if text.isdigit() else None
