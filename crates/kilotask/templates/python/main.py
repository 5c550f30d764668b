"""template: REPLACE by what it is and how it schedules.

It works as it stands, with a thread for each task. REPLACE marks what is yours to change. PROTOCOL.md
describes the whole wire: `describe`, `probe NAME`, or, with no argument, one job on standard input.
"""

import json
import struct
import sys
import threading
import time

PROTOCOL = 2
U64 = (1 << 64) - 1
ABOUT = {
    "name": "template",
    "version": "0.1.0",  # REPLACE by the version of what is measured
    "language": "python",
    "model": "placeholder: one thread per task",  # REPLACE by how it schedules
    "workloads": ["sleep"],  # Add the next one when this one passes
}


def main(arguments):
    if arguments == ["describe"]:
        say({"protocol": PROTOCOL, "runtimes": [ABOUT]})
    elif arguments[:1] == ["probe"]:
        say({"available": True})  # REPLACE: start it, and give the reason where that fails
    else:
        serve()


def serve():
    line = sys.stdin.readline()
    if not line:
        return
    try:
        job = accept(line)
    except Refused as refusal:
        status, reason = refusal.args
        say({"event": "refused", "status": status, "reason": reason})
        return
    # REPLACE: build it here, with job["workers"] threads. This is start-up; no task has run yet.
    say({"event": "ready"})
    word, _, given = sys.stdin.readline().partition(" ")
    if word != "go":
        return
    seed = json.loads(given)["seed"]  # It comes only now, so that nothing can be worked out before.
    delays = [delay_ns(job, seed, task) for task in range(job["tasks"])]
    rounds = [sleep_round(seed, delays) for _ in range(job["rounds"])]
    say({"event": "done", "rounds": [report for report, _ in rounds]})
    sys.stdin.read()  # the lab reads figures of this process until it closes our input
    if "spans_file" in job:
        with open(job["spans_file"], "wb") as file:
            for _, spans in rounds:
                file.write(struct.pack(f"<{len(spans)}Q", *spans))


def sleep_round(seed, delays):
    """One round: starts all tasks, then joins them all. Its report, and start and finish of each task."""
    spans = [0] * (2 * len(delays))
    returned = [None] * len(delays)

    def task(index):
        spans[2 * index] = time.monotonic_ns() - began
        time.sleep(delays[index] / 1e9)  # REPLACE by its own timer
        spans[2 * index + 1] = time.monotonic_ns() - began
        returned[index] = (seed + index) & U64

    began = time.monotonic_ns()
    # REPLACE the start and the join of a thread by its own.
    tasks = [threading.Thread(target=task, args=(index,)) for index in range(len(delays))]
    for thread in tasks:
        thread.start()
    for thread in tasks:
        thread.join()
    makespan = time.monotonic_ns() - began
    delivered = [value for value in returned if value is not None]
    report = {"makespan_ns": makespan, "completed": len(delivered), "checksum": str(sum(delivered) & U64)}
    return report, spans


class Refused(Exception):
    """A status and a reason: this job will not be served."""


def accept(line):
    """The job on a line, if it makes sense and is one of ours."""
    try:
        job = json.loads(line)
        wrong = job["protocol"] != PROTOCOL or min(job["tasks"], job["workers"], job["rounds"]) < 1
    except (ValueError, TypeError, KeyError) as error:
        raise Refused("protocol-error", f"not a job: {error!r}") from None
    if wrong:
        raise Refused("protocol-error", f"protocol {PROTOCOL} and at least 1 task, worker and round are needed")
    if job["runtime"] != ABOUT["name"] or job["workload"] not in ABOUT["workloads"]:
        raise Refused("unsupported", f"no {job['runtime']} or no {job['workload']} here")
    return job


def delay_ns(job, seed, task):
    """How long a task is to sleep: the duration, and a share of the jitter that seed and task decide."""
    duration, jitter = job["params"]["duration_ns"], job["params"]["jitter_ns"]
    return duration + (splitmix64(seed + task) % (jitter + 1) if jitter else 0)


def splitmix64(x):
    z = (x + 0x9E3779B97F4A7C15) & U64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & U64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & U64
    return z ^ (z >> 31)


def say(message):
    """One JSON object, on one line, flushed. Nothing else goes to standard output."""
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
