"""python-sequential: no concurrency at all, one task after the other in a loop.

The baseline of the other runtimes. A task is a call of a function.
"""

import time
from time import perf_counter_ns as now

import serving
from arithmetic import U64, kernel_of


class Runtime(serving.Runtime):
    def __init__(self, job):
        job.require_naive("there is one thread and nothing beside it")
        if job.workload == "request":
            import client

            self.client = client
        if job.workload == "cpu":
            self.compute = kernel_of(job)

    def sleep(self, job, record):
        seed, seconds = job.seed, job.seconds
        starts, finishes = record.starts, record.finishes

        def task(index):
            starts[index] = now()
            time.sleep(seconds[index])
            finishes[index] = now()
            return (seed + index) & U64

        return [task(index) for index in range(job.tasks)]

    def spawn(self, job, record):
        seed = job.seed

        def task(index):
            return (seed + index) & U64

        return [task(index) for index in range(job.tasks)]

    def request(self, job, record):
        seed, origin = job.seed, job.origin
        connect, ask = self.client.connect, self.client.ask
        starts, finishes = record.starts, record.finishes

        def task(index):
            starts[index] = now()
            with connect(origin) as connection:
                reply = ask(connection, (seed + index) & U64)
                finishes[index] = now()
            return reply

        return [task(index) for index in range(job.tasks)]

    def cpu(self, job, record):
        seed, compute = job.seed, self.compute
        starts, finishes = record.starts, record.finishes

        def task(index):
            starts[index] = now()
            result = compute((seed + index) & U64)
            finishes[index] = now()
            return result

        return [task(index) for index in range(job.tasks)]

    def blocking(self, job, record):
        seed, seconds = job.seed, job.param("duration_ns") / 1e9
        starts, finishes = record.starts, record.finishes

        def task(index):
            starts[index] = now()
            time.sleep(seconds)
            finishes[index] = now()
            return (seed + index) & U64

        return [task(index) for index in range(job.tasks)]
