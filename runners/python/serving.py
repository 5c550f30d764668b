"""What every runtime of this runner shares: the wire, the clock around each round, usage and spans.

Everything here happens outside the measured region, but for the two clock readings around a round.
"""

import json
import os
import resource
import sys
from array import array
from time import perf_counter_ns as now  # CLOCK_MONOTONIC on Linux, as the harness's own clock

PROTOCOL = 1
GO = b"go"
MAX_LINE_BYTES = 1 << 20
U64 = (1 << 64) - 1


class Refused(Exception):
    """This runner will not serve the job: `unsupported`, `unavailable` or `protocol-error`, and why."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status
        self.reason = reason


# ---------------------------------------------------------------------------------------- the job


class Job:
    """What one trial is to run."""

    def __init__(self, fields):
        """From the decoded job line; raises `Refused` where it makes no sense."""
        if not isinstance(fields, dict):
            raise Refused("protocol-error", "the job is not a JSON object")
        if fields.get("protocol") != PROTOCOL:
            asked = json.dumps(fields.get("protocol"))
            raise Refused("protocol-error", f"the job speaks protocol {asked}, this runner {PROTOCOL}")
        self.runtime = _text(fields, "runtime")
        self.workload = _text(fields, "workload")
        self.tasks = _integer(fields, "tasks", 1)
        self.workers = _integer(fields, "workers", 1)
        self.rounds = _integer(fields, "rounds", 1)
        self.seed = _integer(fields, "seed", 0)
        params = fields.get("params", {})
        if not isinstance(params, dict):
            raise Refused("protocol-error", 'the job\'s "params" is not an object')
        self.params = {name: _integer(params, name, 0) for name in params}
        self.spans_file = None if fields.get("spans_file") is None else _text(fields, "spans_file")
        #: How long each task of `sleep` is to sleep, worked out before `ready`.
        self.seconds = sleep_seconds(self) if self.workload == "sleep" else None


def _text(fields, name):
    value = fields.get(name)
    if not isinstance(value, str):
        raise Refused("protocol-error", f'the job\'s "{name}" is {json.dumps(value)}, not a string')
    return value


def _integer(fields, name, least):
    value = fields.get(name)
    if type(value) is not int or not least <= value <= U64:  # bool is an int to isinstance
        reason = f'the job\'s "{name}" is {json.dumps(value)}, not a number from {least}'
        raise Refused("protocol-error", reason)
    return value


def sleep_seconds(job):
    """Each task's sleep in seconds; the arithmetic of `sleep_ns` in /crates/protocol/src/workload.rs."""
    duration = job.params.get("duration_ns", 0)
    jitter = job.params.get("jitter_ns", 0)
    if jitter == 0:
        return [duration / 1e9] * job.tasks
    most = min(jitter + 1, U64)
    shares = (splitmix64((job.seed + index) & U64) % most for index in range(job.tasks))
    return [min(duration + share, U64) / 1e9 for share in shares]


def splitmix64(x):
    """SplitMix64 (Steele, Lea and Flood, 2014): the output for state `x`."""
    z = (x + 0x9E3779B97F4A7C15) & U64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & U64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & U64
    return z ^ (z >> 31)


# ------------------------------------------------------------------------------------- the rounds


class Record:
    """What one round leaves behind. Its memory is allocated and touched before `ready`."""

    def __init__(self, job):
        slots = job.tasks if job.workload in ("sleep", "hold") else 0
        #: When each task began and ended, by index. Arrays of machine words and not lists: nothing
        #: for the garbage collector to walk, and no boxed integer stays behind.
        self.starts = array("Q", [U64]) * slots
        self.finishes = array("Q", [0]) * slots
        self.began = 0
        self.ended = 0
        self.paused_ns = 0
        self.tokens = ()

    def holding(self):
        """Tells the harness that all tasks are alive and waits for its word, which stops the clock."""
        before = now()
        checkpoint("holding")
        self.paused_ns += now() - before

    def report(self):
        """The round, as `done` reports it. A task that delivered nothing has None for its token."""
        delivered = [token for token in self.tokens if token is not None]
        return {
            "makespan_ns": self.ended - self.began - self.paused_ns,
            "completed": len(delivered),
            "checksum": str(sum(delivered) & U64),
        }

    def spans(self):
        """Start and finish of each task in turn, nanoseconds since the round began."""
        spans = array("Q", [0]) * (2 * len(self.starts))
        spans[0::2] = array("Q", (start - self.began for start in self.starts))
        # A task of `hold` finishes after the pause, every task: that is what the barrier is for.
        late = self.began + self.paused_ns
        spans[1::2] = array("Q", (finish - late for finish in self.finishes))
        return spans


def serve(start):
    """Serves one job on standard input; `start` builds the runtime for a job."""
    line = read_line()
    if line is None:
        return
    try:
        job = Job(decode(line))
        runtime = start(job)
    except Refused as refusal:
        send_refusal(refusal)
        return
    records = [Record(job) for _ in range(job.rounds)]
    workload = getattr(runtime, job.workload)
    checkpoint("ready")
    try:
        usage = measure(job, workload, records)
    except Exception as error:
        crash(job, error)
    send({"event": "done", "rounds": [record.report() for record in records], "usage": usage})
    wait_for_end_of_input()
    runtime.close()
    if job.spans_file is not None:
        # Only now, so that writing them is in no one's measurement.
        write_spans(job.spans_file, records)


def measure(job, workload, records):
    """Runs all rounds and returns what they used: all that is measured, and nothing else."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    for record in records:
        record.began = now()
        record.tokens = workload(job, record)
        record.ended = now()
    return used_between(before, resource.getrusage(resource.RUSAGE_SELF))


def used_between(before, after):
    """The difference of two readings of getrusage, which counts threads that have ended, too."""
    return {
        "cpu_user_ns": round((after.ru_utime - before.ru_utime) * 1e9),
        "cpu_system_ns": round((after.ru_stime - before.ru_stime) * 1e9),
        "switches_voluntary": after.ru_nvcsw - before.ru_nvcsw,
        "switches_involuntary": after.ru_nivcsw - before.ru_nivcsw,
        "faults_minor": after.ru_minflt - before.ru_minflt,
        "faults_major": after.ru_majflt - before.ru_majflt,
    }


def write_spans(path, records):
    """Writes the raw spans, round by round, as little-endian words."""
    with open(path, "wb") as file:
        for record in records:
            spans = record.spans()
            if sys.byteorder == "big":
                spans.byteswap()
            spans.tofile(file)


# --------------------------------------------------------------------------------------- the wire


def read_line():
    """The next line of input, stripped; None at the end of input."""
    line = sys.stdin.buffer.readline(MAX_LINE_BYTES)
    return line.strip() if line else None


def decode(line):
    """The JSON value on a line."""
    try:
        return json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        excerpt = line[:80].decode("utf-8", "replace")
        raise Refused("protocol-error", f"the job is not a JSON object ({error}): {excerpt!r}") from None


def send(message):
    """Writes one JSON object as a line: the only thing that ever reaches standard output."""
    line = json.dumps(message, separators=(",", ":")) + "\n"
    sys.stdout.buffer.write(line.encode())
    sys.stdout.buffer.flush()


def send_refusal(refusal):
    send({"event": "refused", "status": refusal.status, "reason": refusal.reason})


def checkpoint(event):
    """Sends an event and waits for `go`. Where none comes there is nothing left to do, and the
    process ends."""
    send({"event": event})
    word = read_line()
    if word == GO:
        return
    if word is not None:
        said = word[:80].decode("utf-8", "replace")
        send_refusal(Refused("protocol-error", f'expected "go" at a checkpoint, not "{said}"'))
    # Not sys.exit: this may be a task's own thread, and at exit the interpreter would wait for all
    # the others, which wait for this one.
    os._exit(0)


def wait_for_end_of_input():
    while read_line() is not None:
        pass


def crash(job, error):
    """Ends the process at once, with the trace and what was being done on standard error.

    Not by letting the exception through: the interpreter would first wait for all threads, and
    those of `hold` wait for a thread that never came to be."""
    import traceback

    traceback.print_exc()
    what = f"{job.runtime}: {job.workload} with {job.tasks} tasks"
    print(f"{what}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    os._exit(1)
