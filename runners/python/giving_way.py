"""How a thread gives way to the others: `os.sched_yield`, documented as "Voluntarily relinquish the CPU".

Before Python 3.11.1 it keeps the interpreter's lock meanwhile, so that no other thread can run (issue 96078 of
CPython). What people write there, `time.sleep(0)`, is no yield: on 3.9 it gets its lock back at once, and on 3.11
it sleeps for the kernel's timer slack, 70 microseconds measured.
"""

import sys
from os import sched_yield as give_way

from job import YIELD, YIELD_WITH_LOCK, Refused

LETS_OTHERS_RUN = sys.version_info >= (3, 11, 1)
WHY_NOT = "before Python 3.11.1 os.sched_yield keeps the interpreter's lock, so that no other thread can run"

__all__ = ["LETS_OTHERS_RUN", "WHY_NOT", "give_way", "require_yield"]


def require_yield(job):
    """Refuses a job that asks its threads to yield, where they cannot."""
    choices = {"mutex": ("across", YIELD_WITH_LOCK, "nothing"), "mixed": ("policy", YIELD, "hog")}
    name, value, other = choices.get(job.workload, (None, 0, None))
    if name and job.param(name) == value and not LETS_OTHERS_RUN:
        raise Refused("unsupported", f"{name} = yield: {WHY_NOT}; {name} = {other} is what it has")
