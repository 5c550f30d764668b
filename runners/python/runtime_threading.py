"""python-threading: an OS thread a task.

The idiom of the `threading` documentation: make the threads, start them, join them. A thread returns
nothing, so each keeps its result as an attribute. Those of `hold` wait at a gate of two
locks; what they pass to one another goes through `queue.Queue`, which is a lock and three conditions.

`workers` is the number of CPUs that the threads may use: the process gives up the others before it
starts any. One thread at a time has the interpreter's lock, whatever their number; `time.sleep`, a
socket and a long hash give it back meanwhile.

Documented setting: `threading.stack_size`; 0, its default, means the platform's (8 MiB of address
space with glibc's usual limits; only what is touched becomes memory).
"""

import os
import threading

import threads
from job import Refused


class Task(threading.Thread):
    """A thread that keeps what its call returns."""

    def __init__(self, function, *arguments):
        super().__init__()
        self.function = function
        self.arguments = arguments
        self.returned = None

    def run(self):
        self.returned = self.function(*self.arguments)


class Runtime(threads.Runtime):
    def __init__(self, job):
        job.require_naive("each task has its own thread, so a blocking call blocks no other task")
        restrict_to_cpus(job.workers)
        stack_bytes = job.param("stack_bytes")
        try:
            threading.stack_size(stack_bytes)
        except (ValueError, OverflowError) as error:
            raise Refused("unsupported", f"stack_bytes = {stack_bytes}: {error}") from None
        from limits import files_of, most_alive, require_files, require_threads

        require_threads(most_alive(job))
        require_files(files_of(job, job.tasks))
        super().__init__(job)

    def start(self, calls):
        started = [Task(*call) for call in calls]
        for task in started:
            task.start()
        return started

    def join(self, started):
        for task in started:
            task.join()
        return [task.returned for task in started]


def restrict_to_cpus(count):
    """Restricts this thread, and all that it will start, to that many of its CPUs."""
    allowed = sorted(os.sched_getaffinity(0))
    if count > len(allowed):
        reason = f"{count} workers: its tasks are threads, which run on the {len(allowed)} CPUs there are"
        raise Refused("unsupported", reason)
    try:
        os.sched_setaffinity(0, allowed[:count])
    except OSError as error:
        raise Refused("unavailable", f"sched_setaffinity is forbidden here, and workers need it: {error}") from None
