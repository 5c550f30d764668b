"""What one trial is to run, as the wire says it, and which jobs make no sense."""

import json
from array import array

from arithmetic import BLOCK_BYTES, U64, block_offset, splitmix64

PROTOCOL = 2

# The workloads that some runtime here has; their parameters and defaults as in
# /crates/protocol/src/workload.rs.
PARAMS = {
    "sleep": {"duration_ns": 1_000_000, "jitter_ns": 0},
    "spawn": {},
    "hold": {},
    "yield": {"times": 100},
    "ping-pong": {"times": 100},
    "fan-in": {"times": 100, "capacity": 1024},
    "skynet": {},
    "mutex": {"times": 100, "across": 0},
    "brigade": {"times": 100},
    "request": {"duration_ns": 1_000_000},
    "echo": {"duration_ns": 200_000_000, "message_bytes": 100, "rate_per_second": 0},
    "file-read": {"times": 100, "file_bytes": 64 << 20, "io": 0},
    "cpu": {"steps": 1000, "kernel": 0},
    "mixed": {
        "duration_ns": 1_000_000,
        "times": 50,
        "burners": 2,
        "slices": 50,
        "slice_ns": 1_000_000,
        "policy": 0,
    },
    "blocking": {"duration_ns": 1_000_000, "call": 0},
}
AT_LEAST_ONE = {"times", "capacity", "burners", "slices"}
CHOICES = {
    "kernel": ["integer", "sha256"],
    "policy": ["yield", "hog"],
    "call": ["naive", "escape"],
    "across": ["nothing", "yield"],
    "io": ["cached", "direct"],
}
WITHOUT_SPANS = {"spawn", "yield", "ping-pong", "fan-in", "skynet", "brigade", "echo"}

# Values of the parameters `policy`, `call`, `across` and `io`.
YIELD, HOG = 0, 1
NAIVE, ESCAPE = 0, 1
NOTHING, YIELD_WITH_LOCK = 0, 1
CACHED, DIRECT = 0, 1


class Refused(Exception):
    """This runner will not serve the job: `unsupported`, `unavailable` or `protocol-error`, and why."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Job:
    """What one trial is to run. What a task returns is known only after `tell`, which is after `ready`."""

    def __init__(self, fields):
        """From the decoded job line; raises `Refused` where it makes no sense."""
        if not isinstance(fields, dict):
            raise Refused("protocol-error", "the job is not a JSON object")
        if fields.get("protocol") != PROTOCOL:
            asked = json.dumps(fields.get("protocol"))
            raise Refused("protocol-error", f"the job uses protocol {asked}; this runner supports {PROTOCOL}")
        self.runtime = _text(fields, "runtime")
        self.workload = _text(fields, "workload")
        self.tasks = _integer(fields, "tasks", 1)
        self.workers = _integer(fields, "workers", 1)
        self.rounds = _integer(fields, "rounds", 1)
        params = fields.get("params", {})
        if not isinstance(params, dict):
            raise Refused("protocol-error", 'the job\'s "params" is not an object')
        self.params = {name: _integer(params, name, 0) for name in params}
        self.spans_file = None if fields.get("spans_file") is None else _text(fields, "spans_file")
        self._check_params()

    def tell(self, fields):
        """Takes what the first `go` brings; raises `Refused` where that makes no sense."""
        if not isinstance(fields, dict):
            raise Refused("protocol-error", "go brings no JSON object")
        self.seed = _integer(fields, "seed", 0)
        #: Where the origin of `request` listens: host and port.
        self.origin = _address(fields, "origin") if self.workload == "request" else None
        #: The file of `file-read`, and where in it each read of each task begins.
        self.file = _text(fields, "file") if self.workload == "file-read" else None
        self.offsets = offsets(self) if self.workload == "file-read" else None
        #: How long each task of `sleep` is to sleep.
        self.seconds = sleep_seconds(self) if self.workload == "sleep" else None

    def _check_params(self):
        for name in PARAMS.get(self.workload, {}):
            value = self.param(name)
            if name in AT_LEAST_ONE and value == 0:
                raise Refused("protocol-error", f"{name} = 0: {self.workload} needs at least 1")
            if name in CHOICES and value >= len(CHOICES[name]):
                choices = ", ".join(CHOICES[name])
                raise Refused("protocol-error", f"{name} = {value}: it is one of {choices}")
        if self.workload == "ping-pong" and self.tasks % 2:
            raise Refused("protocol-error", f"{self.tasks} tasks: ping-pong runs pairs of tasks; give an even number")
        if self.param("file_bytes") % BLOCK_BYTES or self.workload == "file-read" and not self.param("file_bytes"):
            raise Refused("protocol-error", f"file_bytes is not a multiple of {BLOCK_BYTES}")

    def param(self, name):
        """A parameter of the workload; its default where the job does not give it."""
        return self.params.get(name, PARAMS.get(self.workload, {}).get(name, 0))

    def spans(self):
        """How many spans a round records."""
        if self.workload in WITHOUT_SPANS:  # recording would be most of the work
            return 0
        return self.tasks * (self.param("times") if self.workload == "mixed" else 1)

    def require_naive(self, why):
        """Refuses a `blocking` that asks for an escape, for runtimes that have none."""
        if self.workload == "blocking" and self.param("call") == ESCAPE:
            raise Refused("unsupported", f"call = escape: {why}; ask for call = naive")


def sleep_seconds(job):
    """Each task's sleep in seconds; the arithmetic of `sleep_ns` in /crates/protocol/src/proof.rs."""
    duration, jitter = job.param("duration_ns"), job.param("jitter_ns")
    if jitter == 0:
        return [duration / 1e9] * job.tasks
    most = min(jitter + 1, U64)
    shares = (splitmix64((job.seed + index) & U64) % most for index in range(job.tasks))
    return [min(duration + share, U64) / 1e9 for share in shares]


def offsets(job):
    """Where in the file each read of each task begins, bytes: the reads of task 0, those of task 1, and so on."""
    times, blocks = job.param("times"), job.param("file_bytes") // BLOCK_BYTES
    tokens = ((job.seed + index) & U64 for index in range(job.tasks))
    return array("Q", (block_offset(token, read, blocks) for token in tokens for read in range(times)))


def _text(fields, name):
    value = fields.get(name)
    if not isinstance(value, str):
        raise Refused("protocol-error", f'"{name}" is {json.dumps(value)}, not a string')
    return value


def _integer(fields, name, least):
    value = fields.get(name)
    if type(value) is not int or not least <= value <= U64:  # bool is an int to isinstance
        reason = f'"{name}" is {json.dumps(value)}, not a number from {least}'
        raise Refused("protocol-error", reason)
    return value


def _address(fields, name):
    text = _text(fields, name)
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()):
        raise Refused("protocol-error", f'"{name}" is {json.dumps(text)}, not HOST:PORT')
    return host.strip("[]"), int(port)
