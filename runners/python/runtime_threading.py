"""python-threading: an OS thread a task.

The idiom of the `threading` documentation: make the threads, start them, join them. A thread returns
nothing, so each leaves its result in its own slot of a list. Those of `hold` wait at a gate of two
locks.

`workers` is the number of CPUs that the threads may use: the process gives up the others before it
starts any. One thread at a time has the interpreter's lock, whatever their number; `time.sleep`, a
socket and a long hash give it back meanwhile.

Documented setting: `threading.stack_size`; 0, its default, means the platform's (8 MiB of address
space with glibc's usual limits; only what is touched becomes memory).
"""

import os
import threading
import time
from time import perf_counter_ns as now

import serving
from arithmetic import U64, burn_slice, kernel_of
from gate import Gate
from job import YIELD, Refused


class Runtime(serving.Runtime):
    def __init__(self, job):
        job.require_naive("a thread may block, that is what it is for")
        restrict_to_cpus(job.workers)
        stack_bytes = job.param("stack_bytes")
        try:
            threading.stack_size(stack_bytes)
        except (ValueError, OverflowError) as error:
            raise Refused("unsupported", f"stack_bytes = {stack_bytes}: {error}") from None
        from limits import most_alive, require_files, require_threads

        require_threads(most_alive(job))
        if job.workload == "request":
            require_files(job.tasks)
            import client

            self.client = client
        if job.workload == "cpu":
            self.compute = kernel_of(job)

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

    def request(self, job, record):
        seed, origin = job.seed, job.origin
        connect, ask = self.client.connect, self.client.ask
        starts, finishes = record.starts, record.finishes
        replies = [None] * job.tasks

        def task(index):
            starts[index] = now()
            with connect(origin) as connection:
                reply = ask(connection, (seed + index) & U64)
                finishes[index] = now()
            replies[index] = reply

        run_threads(task, job.tasks)
        return replies

    def cpu(self, job, record):
        seed, compute = job.seed, self.compute
        starts, finishes = record.starts, record.finishes
        results = [None] * job.tasks

        def task(index):
            starts[index] = now()
            result = compute((seed + index) & U64)
            finishes[index] = now()
            results[index] = result

        run_threads(task, job.tasks)
        return results

    def mixed(self, job, record):
        seed, tasks, times = job.seed, job.tasks, job.param("times")
        seconds = job.param("duration_ns") / 1e9
        burners, slices, slice_ns = job.param("burners"), job.param("slices"), job.param("slice_ns")
        yields = job.param("policy") == YIELD
        starts, finishes = record.starts, record.finishes
        sums = [None] * (tasks + burners)

        def heartbeat(index):
            tokens = 0
            for beat in range(index * times, (index + 1) * times):
                starts[beat] = now()
                time.sleep(seconds)
                finishes[beat] = now()
                tokens += seed + beat
            sums[index] = tokens & U64

        def burner(index):
            burnt = 0
            for _ in range(slices):
                burn_slice(slice_ns)
                burnt += 1
                if yields:
                    time.sleep(0)  # gives the interpreter's lock away, and asks for it again
            sums[tasks + index] = (seed + tasks * times + index + burnt) & U64

        threads = [threading.Thread(target=heartbeat, args=(index,)) for index in range(tasks)]
        threads += [threading.Thread(target=burner, args=(index,)) for index in range(burners)]
        start_and_join(threads)
        return sums

    def blocking(self, job, record):
        seed, seconds = job.seed, job.param("duration_ns") / 1e9
        starts, finishes = record.starts, record.finishes
        tokens = [None] * job.tasks

        def task(index):
            starts[index] = now()
            time.sleep(seconds)
            finishes[index] = now()
            tokens[index] = (seed + index) & U64

        run_threads(task, job.tasks)
        return tokens


def run_threads(task, tasks):
    start_and_join([threading.Thread(target=task, args=(index,)) for index in range(tasks)])


def start_and_join(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def restrict_to_cpus(count):
    """Restricts this thread, and all that it will start, to that many of its CPUs."""
    allowed = sorted(os.sched_getaffinity(0))
    if count > len(allowed):
        reason = f"{count} workers: its tasks are threads, which run on the {len(allowed)} CPUs there are"
        raise Refused("unsupported", reason)
    os.sched_setaffinity(0, allowed[:count])
