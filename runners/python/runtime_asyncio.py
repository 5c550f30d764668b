"""python-asyncio: stackless coroutines on one event loop, one thread.

The idiom of the `asyncio` documentation: `gather` over coroutines, which wraps each in a task and
returns their results in order. (`TaskGroup`, from 3.11 on, is for tasks that must be cancelled
together.) Nothing is preempted: between two awaits a coroutine has the loop to itself, so counting
arrivals needs no lock.

Documented settings: none. The loop is the platform's default (epoll on Linux), not in debug mode,
tasks are not eager, and `uvloop` would be a runtime of its own. The loop is built before `ready`.
"""

import asyncio
from time import perf_counter_ns as now

from serving import U64


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
    record.holding()  # Blocks the loop, rightly: nothing else is to run meanwhile.
    release.set()
    return await results


class Runtime:
    def __init__(self, job):
        if hasattr(asyncio, "Runner"):  # 3.11: what asyncio.run is made of, for several runs on one loop
            runner = asyncio.Runner()
            runner.get_loop()
            self.run, self.close = runner.run, runner.close
        else:
            loop = asyncio.new_event_loop()
            self.run, self.close = loop.run_until_complete, loop.close

    def sleep(self, job, record):
        return self.run(sleep(job, record))

    def spawn(self, job, record):
        return self.run(spawn(job, record))

    def hold(self, job, record):
        return self.run(hold(job, record))
