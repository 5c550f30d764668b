"""What the runtimes have in common whose tasks may block: a thread a task, a pool of threads, greenlets.

Each has its own way to start tasks and to join them, its own queue and lock; the rest is here. A call is a function
and what it is given. What a workload needs beside that is imported before `ready`, and only for that workload.
"""

import time

import passing
import serving
import tasks
from gate import Gate


class Runtime(serving.Runtime):
    """Means that are to be set: `lock`, `queue`, functions that make one; `socket`, a module like that one; `read`
    and `write`, like those of `os`; `client`, `files`, `streams`, modules of ours."""

    wait = staticmethod(time.sleep)
    prepare_pipe = None  # a function of one end, if there is something to prepare

    def start(self, calls):
        """Starts a task for each call; what is to be joined, in a list."""
        raise NotImplementedError

    def join(self, started):
        """What the tasks returned, once all have ended, in their order; None for one that did not."""
        raise NotImplementedError

    def give_way(self):
        """Lets the other tasks run."""
        raise NotImplementedError

    def run(self, calls):
        return self.join(self.start(calls))

    def run_each(self, task, job):
        return self.run([(task, index) for index in range(job.tasks)])

    # ------------------------------------------------------------------------------- the workloads

    def sleep(self, job, record):
        return self.run_each(tasks.sleep(job, record, self.wait), job)

    def spawn(self, job, record):
        return self.run_each(tasks.spawn(job), job)

    def hold(self, job, record):
        return self.run_each(tasks.hold(job, record, Gate(job.tasks, record.holding).wait), job)

    def yield_(self, job, record):
        return self.run_each(tasks.give_way(job, self.give_way), job)

    def ping_pong(self, job, record):
        return self.run(passing.ping_pong(job, self.queue))

    def fan_in(self, job, record):
        senders, receiver = passing.fan_in(job, self.queue)
        record.added, *tokens = self.run([receiver, *senders])
        return tokens

    def skynet(self, job, record):
        return passing.skynet(job, record, self.run)

    def mutex(self, job, record):
        task, counter = passing.mutex(job, record, self.lock(), self.give_way)
        tokens = self.run_each(task, job)
        (record.added,) = counter
        return tokens

    def brigade(self, job, record):
        row, feed = self.streams.brigade(job, self.read, self.write, self.prepare_pipe)
        started = self.start(row)
        record.added = feed()
        return self.join(started)

    def request(self, job, record):
        return self.run_each(tasks.request(job, record, self.client), job)

    def echo(self, job, record):
        started = []
        with self.streams.listen(job, self.socket) as listener:
            for index in range(job.tasks):
                connection, _ = listener.accept()
                started += self.start([(self.streams.serve_client, job.seed + index, self.socket, connection)])
        return self.join(started)

    def file_read(self, job, record):
        return self.run_each(self.files.file_read(job, record), job)

    def cpu(self, job, record):
        return self.run_each(tasks.cpu(job, record), job)

    def mixed(self, job, record):
        heartbeat, burner = tasks.mixed(job, record, self.give_way, self.wait)
        calls = [(heartbeat, index) for index in range(job.tasks)]
        return self.run(calls + [(burner, index) for index in range(job.param("burners"))])

    def blocking(self, job, record):
        return self.run_each(tasks.blocking(job, record), job)
