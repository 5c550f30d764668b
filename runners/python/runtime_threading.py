"""python-threading: an OS thread a task.

The idiom of the `threading` documentation: make the threads, start them, join them. A thread returns
nothing, so each leaves its token in its own slot of a list. Those of `hold` wait at a gate of two
locks.

Documented setting: `threading.stack_size`; 0, its default, means the platform's (8 MiB of address
space with glibc's usual limits; only what is touched becomes memory).
"""

import threading
import time
from time import perf_counter_ns as now

from gate import Gate
from serving import U64, Refused


class Runtime:
    def __init__(self, job):
        stack_bytes = job.params.get("stack_bytes", 0)
        try:
            threading.stack_size(stack_bytes)
        except (ValueError, OverflowError) as error:
            raise Refused("unsupported", f"stack_bytes = {stack_bytes}: {error}") from None
        if job.workload == "hold":
            from limits import require_threads

            require_threads(job.tasks)

    def sleep(self, job, record):
        seed, seconds = job.seed, job.seconds
        starts, finishes = record.starts, record.finishes
        tokens = [None] * job.tasks

        def task(index):
            starts[index] = now()
            time.sleep(seconds[index])
            finishes[index] = now()
            tokens[index] = (seed + index) & U64

        run_threads(task, job.tasks)
        return tokens

    def spawn(self, job, record):
        seed = job.seed
        tokens = [None] * job.tasks

        def task(index):
            tokens[index] = (seed + index) & U64

        run_threads(task, job.tasks)
        return tokens

    def hold(self, job, record):
        seed = job.seed
        starts, finishes = record.starts, record.finishes
        tokens = [None] * job.tasks
        gate = Gate(job.tasks, record.holding)

        def task(index):
            starts[index] = now()
            gate.wait()
            finishes[index] = now()
            tokens[index] = (seed + index) & U64

        run_threads(task, job.tasks)
        return tokens

    def close(self):
        """Nothing to close: every thread has been joined."""


def run_threads(task, tasks):
    threads = [threading.Thread(target=task, args=(index,)) for index in range(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
