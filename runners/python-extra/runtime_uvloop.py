"""python-uvloop: asyncio's coroutines on uvloop's event loop, which is libuv's.

The workloads are those of python-asyncio, word for word: uvloop is put in the place of the loop, as its
documentation has it, and no program is written for it. It adds `ping-pong`, over asyncio's own queue.

What could mislead: libuv's timers have a grain of 1 ms, and may wake early. uvloop rounds a sleep to the nearest
millisecond, and libuv cuts its clock to whole ones when it sets the timer: a sleep of 1 ms may be over after a tenth
of that. A program that promises to wait *at least* so long asks for the next whole millisecond and one more, as
`at_least` does here: a sleep of 1 ms takes 1 to 2. asyncio's own loop needs none of that.
"""

import asyncio

from missing import unavailable

try:
    import uvloop
except ImportError as error:
    raise unavailable("uvloop", error) from None

import runtime_asyncio
from arithmetic import U64
from job import Refused

NS_PER_MS = 1_000_000


async def ping_pong(job, record):
    seed, times = job.seed, job.param("times")

    async def first(pair, there, back):
        ball = (seed + pair) & U64
        for _ in range(times):
            await there.put(ball)
            ball = await back.get() + 1
        return ball

    async def second(there, back):
        ball = 0
        for _ in range(times):
            ball = await there.get() + 1
            await back.put(ball)
        return ball

    tasks = []
    for pair in range(job.tasks // 2):
        there, back = asyncio.Queue(1), asyncio.Queue(1)
        tasks += [first(pair, there, back), second(there, back)]
    return await asyncio.gather(*tasks)


def at_least(ns):
    """What to ask uvloop for so that it waits at least so many nanoseconds: see above."""
    return (-(-ns // NS_PER_MS) + 1) * NS_PER_MS


WORKLOADS = {**runtime_asyncio.WORKLOADS, "ping-pong": ping_pong}


class Runtime(runtime_asyncio.Runtime):
    def __init__(self, job):
        if job.workload == "ping-pong" and job.tasks % 2:
            raise Refused("protocol-error", f"{job.tasks} tasks: ping-pong pairs its tasks, give an even number")
        if job.workload == "sleep":
            job.seconds = [at_least(round(seconds * 1e9)) / 1e9 for seconds in job.seconds]
        elif job.workload == "mixed":
            job.params["duration_ns"] = at_least(job.param("duration_ns"))
        super().__init__(job)
        self.close()  # asyncio's own loop
        loop = uvloop.new_event_loop()
        asyncio.set_event_loop(loop)
        self.run, self.close = loop.run_until_complete, loop.close

    def run_round(self, job, record):
        return self.run(WORKLOADS[job.workload](job, record))
