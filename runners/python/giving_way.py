"""How a thread gives way to the others: `os.sched_yield`, documented as "Voluntarily relinquish the CPU".

Before Python 3.11.1 it keeps the interpreter's lock meanwhile, so that no other thread can run (issue 96078 of
CPython). What people write, `time.sleep(0)`, is no yield: on 3.9 a thread that calls it gets its lock back at once,
and on 3.11 it sleeps for the kernel's timer slack, 70 microseconds measured. So there is neither `yield` nor a lock
held across one before 3.11.1; the burners of `mixed`, which yield once in a millisecond, are left with it.
"""

import os
import sys
import time
from functools import partial

from job import YIELD_WITH_LOCK, Refused

LETS_OTHERS_RUN = sys.version_info >= (3, 11, 1)
WHY_NOT = "before Python 3.11.1 os.sched_yield keeps the GIL, so no other thread can run"

give_way = os.sched_yield if LETS_OTHERS_RUN else partial(time.sleep, 0)


def require_yield(job):
    """Refuses a job that holds its lock across a yield, where threads have none."""
    if job.workload == "mutex" and job.param("across") == YIELD_WITH_LOCK and not LETS_OTHERS_RUN:
        raise Refused("unsupported", f"across = yield: {WHY_NOT}; ask for across = nothing")
