"""python-multiprocessing: a pool of processes, each with an interpreter and a lock of its own.

The idiom of the `multiprocessing` documentation: `Pool.map`. It sends the tasks in chunks, about four
a worker, so that a task is not a message; and it returns the results in order. What a task needs of
the job goes to each worker once, through the pool's initializer; the seed once more, when `go` brings it. (`ProcessPoolExecutor` is another
way to the same; 1000 empty tasks, in as many chunks, took it three times as long.)

Documented settings: `processes`; `chunksize`, which `chunk_tasks` sets, 0 meaning the pool's own
choice; and the start method, which is left at the platform's default. The workers are started, and
each has answered, before `ready`.
"""

import multiprocessing
import resource
import time
from multiprocessing.connection import wait
from threading import Thread
from time import perf_counter_ns as now  # CLOCK_MONOTONIC on Linux: one clock for all processes

import serving
from arithmetic import U64, kernel_of
from limits import require_files, require_processes

# What the pool keeps open: the ends of two pipes a worker, and a dozen of its own.
FILES_A_WORKER = 2
FILES_OF_THE_POOL = 16


class Runtime(serving.Runtime):
    def __init__(self, job):
        require_processes(job.workers)
        require_files(job.workers * FILES_A_WORKER + FILES_OF_THE_POOL)
        self.workers = job.workers
        self.chunk_tasks = job.param("chunk_tasks") or None
        self.closing = False
        everyone_is_here = multiprocessing.Barrier(job.workers)
        self.pool = multiprocessing.Pool(job.workers, begin, (job, everyone_is_here))
        # A worker that is killed, for lack of memory say, takes its chunk along: the pool would start
        # another and wait for the chunk's results for ever.
        Thread(target=self.watch, args=(job, multiprocessing.active_children()), daemon=True).start()
        self.usage_of_children()  # Once all have answered, all are there.

    def tell(self, job):
        self.pool.map(tell, [(job.seed, job.seconds)] * self.workers, chunksize=1)

    def sleep(self, job, record):
        return self.run_measured(sleep, job, record)

    def spawn(self, job, record):
        return self.pool.map(spawn, range(job.tasks), self.chunk_tasks)

    def cpu(self, job, record):
        return self.run_measured(cpu, job, record)

    def run_measured(self, task, job, record):
        measured = self.pool.map(task, range(job.tasks), self.chunk_tasks)
        for index, (_, start, finish) in enumerate(measured):
            record.starts[index] = start
            record.finishes[index] = finish
        return [result for result, _, _ in measured]

    def usage_of_children(self):
        return self.pool.map(usage, range(self.workers), chunksize=1)

    def watch(self, job, workers):
        wait([worker.sentinel for worker in workers])
        if self.closing:
            return
        # It may have held the lock of the pool's queue, for which the others would wait for ever.
        for worker in multiprocessing.active_children():
            worker.kill()
        serving.crash(job, ChildProcessError("a worker process ended before its time"))

    def close(self):
        self.closing = True
        self.pool.close()
        self.pool.join()


# ------------------------------------------------------------------------------- in each worker


class Worker:
    """What a worker process knows; set once by `begin`."""

    seed = 0
    seconds = None
    compute = None
    everyone_is_here = None


def begin(job, everyone_is_here):
    Worker.compute = kernel_of(job) if job.workload == "cpu" else None
    Worker.everyone_is_here = everyone_is_here


def tell(known):
    """Takes what only `go` brought. It waits for the others, so that each is told."""
    Worker.seed, Worker.seconds = known
    Worker.everyone_is_here.wait()


def sleep(index):
    start = now()
    time.sleep(Worker.seconds[index])
    return (Worker.seed + index) & U64, start, now()


def spawn(index):
    return (Worker.seed + index) & U64


def cpu(index):
    start = now()
    result = Worker.compute((Worker.seed + index) & U64)
    return result, start, now()


def usage(_):
    """What this worker has used. It waits for the others, so that each is asked once."""
    reading = resource.getrusage(resource.RUSAGE_SELF)
    Worker.everyone_is_here.wait()
    return reading
