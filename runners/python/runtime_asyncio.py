"""python-asyncio: stackless coroutines on one event loop, one thread.

The idiom of the `asyncio` documentation: `gather` over coroutines, which wraps each in a task and
returns their results in order. (`TaskGroup`, from 3.11 on, is for tasks that must be cancelled
together.) Nothing is preempted: between two awaits a coroutine has the loop to itself, so counting
arrivals needs no lock.

Documented settings: none. The loop is the platform's default (epoll on Linux), not in debug mode,
tasks are not eager, and `uvloop` would be a runtime of its own. The loop is built before `ready`. The
threads of `to_thread` are not: its default executor starts them as calls come in, at most
min(32, cores + 4).
"""

import asyncio
import time
from time import perf_counter_ns as now

import asyncio_passing
import asyncio_streams
import serving
from arithmetic import U64, burn_slice, kernel_of
from job import ESCAPE, YIELD

# What the loop itself keeps open: an epoll, and a pair of sockets to be woken by.
FILES_OF_THE_LOOP = 3


async def sleep(job, record):
    seed = job.seed
    starts, finishes = record.starts, record.finishes

    async def task(index, seconds):
        starts[index] = now()
        await asyncio.sleep(seconds)
        finishes[index] = now()
        return (seed + index) & U64

    return await asyncio.gather(*(task(index, seconds) for index, seconds in enumerate(job.seconds)))


async def spawn(job, record):
    seed = job.seed

    async def task(index):
        return (seed + index) & U64

    return await asyncio.gather(*(task(index) for index in range(job.tasks)))


async def hold(job, record):
    seed, tasks = job.seed, job.tasks
    starts, finishes = record.starts, record.finishes
    everyone_is_here = asyncio.Event()
    release = asyncio.Event()
    arrived = 0

    async def task(index):
        nonlocal arrived
        starts[index] = now()
        arrived += 1
        if arrived == tasks:
            everyone_is_here.set()
        await release.wait()
        finishes[index] = now()
        return (seed + index) & U64

    results = asyncio.gather(*(task(index) for index in range(tasks)))
    await everyone_is_here.wait()
    record.holding()  # Blocks the loop on purpose: nothing else may run meanwhile.
    release.set()
    return await results


async def give_way(job, record):
    seed, times = job.seed, job.param("times")

    async def task(index):
        given = 0
        for _ in range(times):
            await asyncio.sleep(0)  # documented: "an optimized path to allow other tasks to run"
            given += 1
        return (seed + index + given) & U64

    return await asyncio.gather(*(task(index) for index in range(job.tasks)))


async def cpu(job, record):
    seed, compute = job.seed, kernel_of(job)
    starts, finishes = record.starts, record.finishes

    async def task(index):
        starts[index] = now()
        result = compute((seed + index) & U64)
        finishes[index] = now()
        return result

    return await asyncio.gather(*(task(index) for index in range(job.tasks)))


async def mixed(job, record):
    seed, tasks, times = job.seed, job.tasks, job.param("times")
    seconds = job.param("duration_ns") / 1e9
    slices, slice_ns = job.param("slices"), job.param("slice_ns")
    yields = job.param("policy") == YIELD
    starts, finishes = record.starts, record.finishes

    async def heartbeat(index):
        tokens = 0
        for beat in range(index * times, (index + 1) * times):
            starts[beat] = now()
            await asyncio.sleep(seconds)
            finishes[beat] = now()
            tokens += seed + beat
        return tokens & U64

    async def burner(index):
        burnt = 0
        for _ in range(slices):
            burn_slice(slice_ns)
            burnt += 1
            if yields:
                await asyncio.sleep(0)
        return (seed + tasks * times + index + burnt) & U64

    heartbeats = (heartbeat(index) for index in range(tasks))
    burners = (burner(index) for index in range(job.param("burners")))
    return await asyncio.gather(*heartbeats, *burners)


async def blocking(job, record):
    seed, seconds = job.seed, job.param("duration_ns") / 1e9
    starts, finishes = record.starts, record.finishes

    def call(index):
        starts[index] = now()
        time.sleep(seconds)
        finishes[index] = now()
        return (seed + index) & U64

    async def task(index):
        return call(index)

    if job.param("call") == ESCAPE:
        return await asyncio.gather(*(asyncio.to_thread(call, index) for index in range(job.tasks)))
    return await asyncio.gather(*(task(index) for index in range(job.tasks)))


WORKLOADS = {
    "sleep": sleep,
    "spawn": spawn,
    "hold": hold,
    "yield": give_way,
    "ping-pong": asyncio_passing.ping_pong,
    "fan-in": asyncio_passing.fan_in,
    "skynet": asyncio_passing.skynet,
    "mutex": asyncio_passing.mutex,
    "brigade": asyncio_streams.brigade,
    "request": asyncio_streams.request,
    "echo": asyncio_streams.echo,
    "cpu": cpu,
    "mixed": mixed,
    "blocking": blocking,
}


class Runtime(serving.Runtime):
    def __init__(self, job):
        if job.workload in ("brigade", "request", "echo"):
            from limits import files_of, require_files

            require_files(files_of(job, job.tasks) + FILES_OF_THE_LOOP)
        if job.workload == "cpu":
            kernel_of(job)  # So that what it imports is there before `ready`.
        if hasattr(asyncio, "Runner"):  # 3.11: what asyncio.run is made of, for several runs on one loop
            runner = asyncio.Runner()
            runner.get_loop()
            self.run, self.close = runner.run, runner.close
        else:
            loop = asyncio.new_event_loop()
            self.run, self.close = loop.run_until_complete, loop.close

    def run_round(self, job, record):
        return self.run(WORKLOADS[job.workload](job, record))
