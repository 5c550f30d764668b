"""python-thread-pool: a pool of OS threads that take tasks from one queue.

The idiom of the `concurrent.futures` documentation: `submit` each task, ask each future for its
result. The executor is built before `ready` but starts its threads only as tasks come in and none is
idle: so round 0 pays for the threads, the later ones find them there.

Documented setting: `max_workers`. More tasks than workers wait in the queue.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter_ns as now

from gate import Gate
from serving import U64, Refused


class Runtime:
    def __init__(self, job):
        if job.workload == "hold":
            if job.tasks > job.workers:
                raise Refused(
                    "unsupported",
                    f"a pool of {job.workers} workers holds at most {job.workers} tasks at once, not "
                    f"{job.tasks}; --workers {job.tasks} raises it",
                )
            from limits import require_threads

            require_threads(job.tasks)
        self.executor = ThreadPoolExecutor(max_workers=job.workers)

    def sleep(self, job, record):
        seed, seconds = job.seed, job.seconds
        starts, finishes = record.starts, record.finishes

        def task(index):
            starts[index] = now()
            time.sleep(seconds[index])
            finishes[index] = now()
            return (seed + index) & U64

        return self.run(task, job.tasks)

    def spawn(self, job, record):
        seed = job.seed

        def task(index):
            return (seed + index) & U64

        return self.run(task, job.tasks)

    def hold(self, job, record):
        seed = job.seed
        starts, finishes = record.starts, record.finishes
        gate = Gate(job.tasks, record.holding)

        def task(index):
            starts[index] = now()
            gate.wait()
            finishes[index] = now()
            return (seed + index) & U64

        return self.run(task, job.tasks)

    def run(self, task, tasks):
        futures = [self.executor.submit(task, index) for index in range(tasks)]
        return [future.result() for future in futures]

    def close(self):
        self.executor.shutdown()
