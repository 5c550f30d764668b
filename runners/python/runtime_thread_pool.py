"""python-thread-pool: a pool of OS threads that take tasks from one queue.

The idiom of the `concurrent.futures` documentation: `submit` each task, ask each future for its
result. The executor is built before `ready` but starts its threads only as tasks come in and none is
idle: so round 0 pays for the threads, the later ones find them there.

Documented setting: `max_workers`. More tasks than workers wait in the queue: those of `request` come
in waves. A task keeps its worker until it ends, so that tasks which wait for one another need a worker
each. One thread at a time has the interpreter's lock; for `cpu` more workers than cores only
take it from one another.
"""

from concurrent.futures import ThreadPoolExecutor

import passing
import threads
from job import Refused

WAIT_FOR_ONE_ANOTHER = ("hold", "ping-pong", "brigade", "echo", "mixed")


class Runtime(threads.Runtime):
    def __init__(self, job):
        job.require_naive("its workers are meant to block, so it needs no other threads for that")
        together = job.tasks + job.param("burners") if job.workload in WAIT_FOR_ONE_ANOTHER else 0
        if together > job.workers:
            raise Refused(
                "unsupported",
                f"{job.workload} needs {together} tasks alive at once, and a pool of {job.workers} workers runs "
                f"{job.workers}; use --workers {together}",
            )
        from limits import files_of, require_files, require_threads

        workers = min(job.workers, job.tasks + job.param("burners"))
        require_threads(workers)
        require_files(files_of(job, workers))
        super().__init__(job)
        self.executor = ThreadPoolExecutor(max_workers=job.workers)

    def start(self, calls):
        return [self.executor.submit(*call) for call in calls]

    def join(self, futures):
        return [future.result() for future in futures]

    def fan_in(self, job, record):
        """This thread is the receiver: as a task of the pool it would take a worker, and perhaps the only one."""
        senders, (receive, *arguments) = passing.fan_in(job, self.queue)
        futures = self.start(senders)
        record.added = receive(*arguments)
        return self.join(futures)

    def close(self):
        self.executor.shutdown()
