"""python-sequential: no concurrency at all, one task after the other in a loop.

The baseline of the other runtimes. A task is a call of a function.
"""

import serving
import tasks
from arithmetic import kernel_of


class Runtime(serving.Runtime):
    def __init__(self, job):
        job.require_naive("there is only one thread, so a blocking call has no other thread to run on")
        if job.workload == "request":
            import client

            self.client = client
        elif job.workload == "file-read":
            import files

            self.files = files
        elif job.workload == "cpu":
            kernel_of(job)  # So that what it imports is there before `ready`.

    def sleep(self, job, record):
        return call_each(tasks.sleep(job, record), job)

    def spawn(self, job, record):
        return call_each(tasks.spawn(job), job)

    def request(self, job, record):
        return call_each(tasks.request(job, record, self.client), job)

    def file_read(self, job, record):
        return call_each(self.files.file_read(job, record), job)

    def cpu(self, job, record):
        return call_each(tasks.cpu(job, record), job)

    def blocking(self, job, record):
        return call_each(tasks.blocking(job, record), job)


def call_each(task, job):
    return [task(index) for index in range(job.tasks)]
