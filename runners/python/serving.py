"""What every runtime of this runner shares: the wire, the clock around each round, usage and spans.

Everything here happens outside the measured region, but for the two clock readings around a round.
"""

import json
import os
import resource
import sys
from array import array
from time import perf_counter_ns as now  # CLOCK_MONOTONIC on Linux, as the harness's own clock

from arithmetic import U64
from job import Job, Refused

GO = b"go"
MAX_LINE_BYTES = 1 << 20


# ------------------------------------------------------------------------------------- the rounds

# Workloads whose names are none in Python.
METHODS = {"yield": "yield_", "ping-pong": "ping_pong", "fan-in": "fan_in", "file-read": "file_read"}


class Runtime:
    """What the runner asks of a runtime, beside one method a workload: nothing, for most."""

    def run_round(self, job, record):
        """One round of the job's workload; what each task returned, None where it did not."""
        return getattr(self, METHODS.get(job.workload, job.workload))(job, record)

    def tell(self, job):
        """Takes what is known of the job only now that `go` has come."""

    def usage_of_children(self):
        """A reading of getrusage from each other process in which tasks run."""
        return []

    def close(self):
        """Ends whatever the runtime has started."""


class Record:
    """What one round leaves behind. Its memory is allocated and touched before `ready`."""

    def __init__(self, job):
        #: When each task, or each beat of each task, began and ended, by index. Arrays of machine
        #: words and not lists: nothing for the garbage collector to walk, and no boxed integer stays
        #: behind.
        self.starts = array("Q", [U64]) * job.spans()
        self.finishes = array("Q", [0]) * job.spans()
        self.began = 0
        self.ended = 0
        self.paused_ns = 0
        self.returned = ()
        #: What the round adds to the sum of what its tasks returned: what was received, guarded or came out.
        self.added = 0
        #: How many tasks were joined, where that is not how many values were returned.
        self.completed = None

    def holding(self):
        """Tells the lab that all tasks are alive, and waits for `go` with the clock stopped."""
        before = now()
        if not checkpoint("holding"):
            # Not sys.exit: this may be a task's own thread, and at exit the interpreter would wait for
            # all the others, which wait for this one.
            os._exit(0)
        self.paused_ns += now() - before

    def report(self):
        """The round, as `done` reports it. A task that delivered nothing has None in its place."""
        delivered = [value for value in self.returned if value is not None]
        return {
            "makespan_ns": self.ended - self.began - self.paused_ns,
            "completed": len(delivered) if self.completed is None else self.completed,
            "checksum": str((sum(delivered) + self.added) & U64),
        }

    def spans(self):
        """Start and finish of each span in turn, nanoseconds since the round began."""
        spans = array("Q", [0]) * (2 * len(self.starts))
        spans[0::2] = array("Q", (start - self.began for start in self.starts))
        # In `hold` every task finishes after the pause: the gate opens only then.
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
    children_before = runtime.usage_of_children()
    if not ready(job):
        runtime.close()
        return
    runtime.tell(job)
    try:
        usage = measure(job, runtime, records, children_before)
    except Exception as error:
        crash(job, error)
    send({"event": "done", "rounds": [record.report() for record in records], "usage": usage})
    wait_for_end_of_input()
    runtime.close()
    if job.spans_file is not None:
        # Only now, so that no measurement contains the writing.
        write_spans(job.spans_file, records)


def measure(job, runtime, records, children_before):
    """Runs all rounds and returns what they used: all that is measured, and nothing else."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    for record in records:
        record.began = now()
        record.returned = runtime.run_round(job, record)
        record.ended = now()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return used_between([before, *children_before], [after, *runtime.usage_of_children()])


def used_between(before, after):
    """The difference of the readings of getrusage of some processes; each counts threads that have
    ended, too."""

    def used(name):
        return sum(getattr(usage, name) for usage in after) - sum(getattr(usage, name) for usage in before)

    return {
        "cpu_user_ns": round(used("ru_utime") * 1e9),
        "cpu_system_ns": round(used("ru_stime") * 1e9),
        "switches_voluntary": used("ru_nvcsw"),
        "switches_involuntary": used("ru_nivcsw"),
        "faults_minor": used("ru_minflt"),
        "faults_major": used("ru_majflt"),
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
        raise Refused("protocol-error", f"not a JSON object ({error}): {excerpt!r}") from None


def send(message):
    """Writes one JSON object as a line: the only thing that ever reaches standard output."""
    line = json.dumps(message, separators=(",", ":")) + "\n"
    sys.stdout.buffer.write(line.encode())
    sys.stdout.buffer.flush()


def send_refusal(refusal):
    send({"event": "refused", "status": refusal.status, "reason": refusal.reason})


def ready(job):
    """Says `ready`, and tells the job what the first `go` brings. False if input ends instead, or makes no sense."""
    send({"event": "ready"})
    line = read_line()
    if line is None:
        return False
    word, _, rest = line.partition(b" ")
    try:
        if word != GO:
            raise unexpected(line)
        job.tell(decode(rest))
    except Refused as refusal:
        send_refusal(refusal)
        return False
    return True


def checkpoint(event):
    """Sends an event and waits for `go`. False if input ends instead: then the runner ends."""
    send({"event": event})
    word = read_line()
    if word == GO:
        return True
    if word is not None:
        send_refusal(unexpected(word))
    return False


def unexpected(line):
    said = line[:80].decode("utf-8", "replace")
    return Refused("protocol-error", f'expected "go" at a checkpoint, not "{said}"')


def wait_for_end_of_input():
    while read_line() is not None:
        pass


def crash(job, error):
    """Ends the process at once, with the trace and what was being done on standard error.

    Not by letting the exception through: the interpreter would first wait for all threads, and
    those of `hold` wait for a thread that never came to be."""
    import traceback

    traceback.print_exception(type(error), error, error.__traceback__)
    what = f"{job.runtime}: {job.workload} with {job.tasks} tasks"
    print(f"{what}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    os._exit(1)
