"""python-thread-pool: a pool of OS threads that take tasks from one queue.

The idiom of the `concurrent.futures` documentation: `submit` each task, ask each future for its
result. The executor is built before `ready` but starts its threads only as tasks come in and none is
idle: so round 0 pays for the threads, the later ones find them there.

Documented setting: `max_workers`. More tasks than workers wait in the queue: those of `request` come
in waves. One thread at a time has the interpreter's lock; for `cpu` more workers than cores only
take it from one another.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter_ns as now

import serving
from arithmetic import U64, burn_slice, kernel_of
from gate import Gate
from job import YIELD, Refused


class Runtime(serving.Runtime):
    def __init__(self, job):
        job.require_naive("its workers are threads, which may block")
        together = {"hold": job.tasks, "mixed": job.tasks + job.param("burners")}.get(job.workload, 0)
        if together > job.workers:
            raise Refused(
                "unsupported",
                f"a pool of {job.workers} workers has at most {job.workers} tasks side by side, not "
                f"{together}; --workers {together} raises it",
            )
        from limits import require_files, require_threads

        threads = min(job.workers, job.tasks + job.param("burners"))
        require_threads(threads)
        if job.workload == "request":
            require_files(threads)
            import client

            self.client = client
        if job.workload == "cpu":
            self.compute = kernel_of(job)
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

        return self.run(task, job.tasks)

    def cpu(self, job, record):
        seed, compute = job.seed, self.compute
        starts, finishes = record.starts, record.finishes

        def task(index):
            starts[index] = now()
            result = compute((seed + index) & U64)
            finishes[index] = now()
            return result

        return self.run(task, job.tasks)

    def mixed(self, job, record):
        seed, tasks, times = job.seed, job.tasks, job.param("times")
        seconds = job.param("duration_ns") / 1e9
        slices, slice_ns = job.param("slices"), job.param("slice_ns")
        yields = job.param("policy") == YIELD
        starts, finishes = record.starts, record.finishes

        def heartbeat(index):
            tokens = 0
            for beat in range(index * times, (index + 1) * times):
                starts[beat] = now()
                time.sleep(seconds)
                finishes[beat] = now()
                tokens += seed + beat
            return tokens & U64

        def burner(index):
            burnt = 0
            for _ in range(slices):
                burn_slice(slice_ns)
                burnt += 1
                if yields:
                    time.sleep(0)  # gives the interpreter's lock away, and asks for it again
            return (seed + tasks * times + index + burnt) & U64

        futures = [self.executor.submit(heartbeat, index) for index in range(tasks)]
        futures += [self.executor.submit(burner, index) for index in range(job.param("burners"))]
        return [future.result() for future in futures]

    def blocking(self, job, record):
        seed, seconds = job.seed, job.param("duration_ns") / 1e9
        starts, finishes = record.starts, record.finishes

        def task(index):
            starts[index] = now()
            time.sleep(seconds)
            finishes[index] = now()
            return (seed + index) & U64

        return self.run(task, job.tasks)

    def run(self, task, tasks):
        futures = [self.executor.submit(task, index) for index in range(tasks)]
        return [future.result() for future in futures]

    def close(self):
        self.executor.shutdown()
