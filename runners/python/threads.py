"""What threads have, each with its own stack and a call of the system to wait in: the standard library's means, for a
thread a task and for a pool."""

import os
from threading import Lock

import blocking_runtime
from arithmetic import kernel_of
from giving_way import give_way, require_yield


class Runtime(blocking_runtime.Runtime):
    lock = Lock
    read, write = staticmethod(os.read), staticmethod(os.write)
    give_way = staticmethod(give_way)

    def __init__(self, job):
        """Imports what the workload needs: to be called before `ready`."""
        require_yield(job)
        if job.workload in ("ping-pong", "fan-in"):
            from queue import Queue

            self.queue = Queue
        elif job.workload in ("brigade", "echo"):
            import socket

            import streams

            self.socket, self.streams = socket, streams
        elif job.workload == "request":
            import client

            self.client = client
        elif job.workload == "file-read":
            import files

            self.files = files
        elif job.workload == "cpu":
            kernel_of(job)  # So that what it imports is there before `ready`.
