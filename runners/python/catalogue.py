"""Which runtimes this runner hosts, and how one is started.

A runtime's module is imported only once that runtime is asked for: start-up is measured, and
`import asyncio` alone takes longer than starting the interpreter.
"""

import sys
from importlib import import_module

import giving_way
import serving
from job import PROTOCOL, Job, Refused

LOCK = "with the GIL" if getattr(sys, "_is_gil_enabled", lambda: True)() else "without the GIL"

# What multiprocessing.get_start_method() answers on Linux, without importing it.
START_METHOD = "forkserver" if sys.version_info >= (3, 14) else "fork"

MODULES = {
    "python-threading": "runtime_threading",
    "python-thread-pool": "runtime_thread_pool",
    "python-asyncio": "runtime_asyncio",
    "python-multiprocessing": "runtime_multiprocessing",
    "python-sequential": "runtime_sequential",
}

# All workloads, in the order of PROTOCOL.md.
WORKLOADS = [
    "sleep", "spawn", "hold", "yield", "ping-pong", "fan-in", "skynet", "mutex", "brigade", "request", "echo",
    "file-read", "cpu", "mixed", "blocking",
]
KEEPS = "a task keeps its worker until it ends, so"
NO_YIELD = {} if giving_way.LETS_OTHERS_RUN else {"yield": giving_way.WHY_NOT}
NO_FILES = "asyncio has no file I/O of its own; its documentation suggests to_thread, a thread pool: see blocking"
SHA256 = "sha256 is OpenSSL's; to compare languages, use kernel = integer"
SUMS = "in Python, summing a block takes ten times as long as reading it from the page cache"
FEW_ALIVE = "the first threads end before the last ones start"
SLOW_QUEUE = "its channel, queue.Queue, is written in Python"
POOL = "its threads start in round 0, within the makespan; other pools start theirs before it"
UNCONTENDED = "the lock is never contended unless its holder yields"
BEFOREHAND = "its processes start before round 0, outside the makespan"
STREAMS = "served by asyncio's streams; its callbacks (protocols) do less work per message"
GIVE_WAY = "its burners yield by os.sched_yield; with time.sleep(0) p50 lateness is higher and p99 lower"
ONE_AFTER_THE_OTHER = "its tasks run one after another"

# "unsupported" has the workloads that a runtime cannot run, each with the reason. Without "workloads" it runs all
# others. "caveats" are shown wherever a figure is ranked.
ABOUT = {
    # NOTE: its workers are the CPUs that its threads may use.
    "python-threading": {
        "model": f"one OS thread per task, {LOCK}",
        "unsupported": NO_YIELD,
        "caveats": {
            "sleep": FEW_ALIVE,
            "ping-pong": SLOW_QUEUE,
            "fan-in": SLOW_QUEUE,
            "request": FEW_ALIVE,
            "file-read": SUMS,
            "cpu": SHA256,
            "mixed": GIVE_WAY,
        },
        "params": {"stack_bytes": 0},
    },
    # 512 is the figure that tokio documents for its pool of blocking threads: such a pool is sized
    # for waiting, not for cores. (ThreadPoolExecutor's own default is min(32, cores + 4).)
    "python-thread-pool": {
        "model": f"a pool of OS threads with one queue, {LOCK}",
        "unsupported": {
            "yield": f"{KEEPS} it cannot yield to a queued task",
            "skynet": f"{KEEPS} waiting parents would fill the pool and deadlock",
        },
        "caveats": {
            "sleep": POOL,
            "spawn": POOL,
            "ping-pong": SLOW_QUEUE,
            "fan-in": SLOW_QUEUE,
            "file-read": SUMS,
            "cpu": SHA256,
            "mixed": GIVE_WAY,
        },
        "workers_default": 512,
        "blocks_worker": True,
    },
    "python-asyncio": {
        "model": "stackless coroutines, one event loop on one thread, epoll",
        "unsupported": {"file-read": NO_FILES},
        "caveats": {"mutex": UNCONTENDED, "echo": STREAMS, "cpu": SHA256},
        "workers_default": 1,
        "workers_max": 1,
    },
    "python-multiprocessing": {
        "model": f"a pool of processes ({START_METHOD}) with one queue, one interpreter each",
        "workloads": ["sleep", "spawn", "cpu"],
        "unsupported": {
            "hold": "a worker runs one task at a time, so each task would need its own process",
            "yield": "a worker runs one task at a time, so there is no other task to yield to",
        },
        "caveats": {
            "sleep": BEFOREHAND,
            "spawn": f"{BEFOREHAND}; one message carries many tasks",
            "cpu": f"{BEFOREHAND}; {SHA256}",
        },
        "blocks_worker": True,
        "params": {"chunk_tasks": 0},
    },
    "python-sequential": {
        "model": "one function call per task, one after another",
        "family": "baseline",
        "reference": True,
        "workloads": ["sleep", "spawn", "request", "file-read", "cpu", "blocking"],
        "unsupported": {
            "hold": ONE_AFTER_THE_OTHER,
            "yield": f"{ONE_AFTER_THE_OTHER}, so there is no other task to yield to",
            "mixed": ONE_AFTER_THE_OTHER,
        },
        "caveats": {"spawn": "a task is a function call", "file-read": SUMS, "cpu": SHA256},
        "workers_default": 1,
        "workers_max": 1,
        "blocks_worker": True,
    },
}


def workloads_of(about):
    return about.get("workloads") or [workload for workload in WORKLOADS if workload not in about["unsupported"]]


def describe():
    """The answer to `describe`."""
    from platform import python_version

    common = {"version": python_version(), "language": "python"}
    return {
        "protocol": PROTOCOL,
        **({"program": sys.executable} if sys.executable else {}),
        "runtimes": [
            {"name": name, **common, **about, "workloads": workloads_of(about)} for name, about in ABOUT.items()
        ],
    }


def probe(name):
    """The answer to `probe NAME`: really starts the runtime and has it run one task."""
    job = Job({
        "protocol": PROTOCOL,
        "runtime": name,
        "workload": "spawn",
        "tasks": 1,
        "workers": 1,
        "rounds": 1,
    })
    try:
        runtime = start(job)
        job.tell({"seed": 7})
        runtime.tell(job)
        runtime.run_round(job, serving.Record(job))
        runtime.close()
    except Refused as refusal:
        return {"available": False, "reason": refusal.reason}
    except Exception as error:  # Any error is the answer to a probe.
        return {"available": False, "reason": f"{type(error).__name__}: {error}"}
    return {"available": True}


def start(job):
    """Builds the job's runtime: everything that comes before the first task. Raises `Refused`."""
    about = ABOUT.get(job.runtime)
    if about is None:
        raise Refused("unsupported", f'this runner hosts no runtime "{job.runtime}"')
    if job.workload not in workloads_of(about):
        why = about["unsupported"].get(job.workload)
        what = f"{job.workload}: {why}" if why else f"workload {job.workload}"
        raise Refused("unsupported", f"{job.runtime} has no {what}")
    most = about.get("workers_max", job.workers)
    if job.workers > most:
        raise Refused("unsupported", f"{job.runtime} has at most {most} workers, not {job.workers}")
    return import_module(MODULES[job.runtime]).Runtime(job)
