"""python-uvloop: asyncio's coroutines on uvloop's event loop, which is libuv's.

The workloads are those of python-asyncio, word for word: uvloop is put in the place of the loop, as its
documentation has it, and no program is written for it.

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

NS_PER_MS = 1_000_000


def at_least(ns):
    """What to ask uvloop for so that it waits at least so many nanoseconds: see above."""
    return (-(-ns // NS_PER_MS) + 1) * NS_PER_MS


class Runtime(runtime_asyncio.Runtime):
    def __init__(self, job):
        if job.workload == "mixed":
            job.params["duration_ns"] = at_least(job.param("duration_ns"))
        super().__init__(job)
        self.close()  # asyncio's own loop
        loop = uvloop.new_event_loop()
        asyncio.set_event_loop(loop)
        self.run, self.close = loop.run_until_complete, loop.close

    def tell(self, job):
        if job.workload == "sleep":
            job.seconds = [at_least(round(seconds * 1e9)) / 1e9 for seconds in job.seconds]
