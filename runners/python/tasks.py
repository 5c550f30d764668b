"""What a task does that needs no other one, for tasks that may block: threads, workers of a pool, greenlets, calls.

Each workload gives a function of the task's index, which returns what the task returns. `wait` is how it waits:
`time.sleep`, or the like of it.
"""

import time
from time import perf_counter_ns as now

from arithmetic import U64, burn_slice, kernel_of
from job import YIELD


def sleep(job, record, wait=time.sleep):
    seed, seconds = job.seed, job.seconds
    starts, finishes = record.starts, record.finishes

    def task(index):
        starts[index] = now()
        wait(seconds[index])
        finishes[index] = now()
        return (seed + index) & U64

    return task


def spawn(job):
    seed = job.seed

    def task(index):
        return (seed + index) & U64

    return task


def hold(job, record, wait):
    """`wait` returns once all tasks are here and the lab has read the memory."""
    seed = job.seed
    starts, finishes = record.starts, record.finishes

    def task(index):
        starts[index] = now()
        wait()
        finishes[index] = now()
        return (seed + index) & U64

    return task


def give_way(job, give_way):
    seed, times = job.seed, job.param("times")

    def task(index):
        given = 0
        for _ in range(times):
            give_way()
            given += 1
        return (seed + index + given) & U64

    return task


def request(job, record, client):
    seed, origin = job.seed, job.origin
    connect, ask = client.connect, client.ask
    starts, finishes = record.starts, record.finishes

    def task(index):
        starts[index] = now()
        with connect(origin) as connection:
            reply = ask(connection, (seed + index) & U64)
            finishes[index] = now()
        return reply

    return task


def cpu(job, record):
    seed, compute = job.seed, kernel_of(job)
    starts, finishes = record.starts, record.finishes

    def task(index):
        starts[index] = now()
        result = compute((seed + index) & U64)
        finishes[index] = now()
        return result

    return task


def mixed(job, record, give_way, wait=time.sleep):
    """A heartbeat, and a burner."""
    seed, tasks, times = job.seed, job.tasks, job.param("times")
    seconds = job.param("duration_ns") / 1e9
    slices, slice_ns = job.param("slices"), job.param("slice_ns")
    yields = job.param("policy") == YIELD
    starts, finishes = record.starts, record.finishes

    def heartbeat(index):
        tokens = 0
        for beat in range(index * times, (index + 1) * times):
            starts[beat] = now()
            wait(seconds)
            finishes[beat] = now()
            tokens += seed + beat
        return tokens & U64

    def burner(index):
        burnt = 0
        for _ in range(slices):
            burn_slice(slice_ns)
            burnt += 1
            if yields:
                give_way()
        return (seed + tasks * times + index + burnt) & U64

    return heartbeat, burner


def blocking(job, record):
    seed, seconds = job.seed, job.param("duration_ns") / 1e9
    starts, finishes = record.starts, record.finishes

    def task(index):
        starts[index] = now()
        time.sleep(seconds)
        finishes[index] = now()
        return (seed + index) & U64

    return task
