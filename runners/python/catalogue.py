"""Which runtimes this runner hosts, and how one is started.

A runtime's module is imported only once that runtime is asked for: start-up is measured, and
`import asyncio` alone takes longer than starting the interpreter.
"""

import sys
from importlib import import_module

import serving

WORKLOADS = ["sleep", "spawn", "hold"]

LOCK = "one interpreter lock" if getattr(sys, "_is_gil_enabled", lambda: True)() else "no interpreter lock"

MODULES = {
    "python-threading": "runtime_threading",
    "python-thread-pool": "runtime_thread_pool",
    "python-asyncio": "runtime_asyncio",
}

# NOTE: workers are threads that run tasks, apart from those that are tasks themselves; so threading
# has one, the main thread.
ABOUT = {
    "python-threading": {
        "model": f"an OS thread a task, {LOCK}",
        "workers_default": 1,
        "workers_max": 1,
        "params": {"stack_bytes": 0},
    },
    # 512 is the figure that tokio documents for its pool of blocking threads: such a pool is sized
    # for waiting, not for cores. (ThreadPoolExecutor's own default is min(32, cores + 4).)
    "python-thread-pool": {
        "model": f"pool of OS threads with one queue, {LOCK}",
        "workers_default": 512,
        "blocks_worker": True,
    },
    "python-asyncio": {
        "model": "stackless coroutines, one event loop on one thread, epoll",
        "workers_default": 1,
        "workers_max": 1,
    },
}


def describe():
    """The answer to `describe`."""
    from platform import python_version

    common = {"version": python_version(), "language": "python", "workloads": WORKLOADS}
    return {
        "protocol": serving.PROTOCOL,
        "runtimes": [{"name": name, **common, **about} for name, about in ABOUT.items()],
    }


def probe(name):
    """The answer to `probe NAME`: really starts the runtime and has it run one task."""
    job = serving.Job({
        "protocol": serving.PROTOCOL,
        "runtime": name,
        "workload": "spawn",
        "tasks": 1,
        "workers": 1,
        "rounds": 1,
        "seed": 7,
    })
    try:
        runtime = start(job)
        runtime.spawn(job, serving.Record(job))
        runtime.close()
    except serving.Refused as refusal:
        return {"available": False, "reason": refusal.reason}
    except Exception as error:  # Whatever stands in the way is the answer.
        return {"available": False, "reason": f"{type(error).__name__}: {error}"}
    return {"available": True}


def start(job):
    """The job's runtime, built: all that comes before the first task. Raises `serving.Refused`."""
    if job.runtime not in ABOUT:
        raise serving.Refused("unsupported", f'this runner hosts no runtime "{job.runtime}"')
    if job.workload not in WORKLOADS:
        raise serving.Refused("unsupported", f'{job.runtime} has no workload "{job.workload}"')
    most = ABOUT[job.runtime].get("workers_max", job.workers)
    if job.workers > most:
        raise serving.Refused("unsupported", f"{job.runtime} has at most {most} workers, not {job.workers}")
    return import_module(MODULES[job.runtime]).Runtime(job)
