"""What tasks do with pipes and sockets, for tasks that may block: threads, workers of a pool, greenlets.

A module of its own: it is imported only for these workloads, as `import socket` takes two milliseconds.
"""

import os

from arithmetic import U64
from serving import send

BACKLOG = 4096
BUFFER_BYTES = 4096


def brigade(job, read, write, prepare=None):
    """A call for each task, and a function that feeds the first and adds up what comes from the last; `read` and
    `write` are those of `os`, or the like of them, and `prepare` is done with each end of a pipe."""
    pipes = [os.pipe() for _ in range(job.tasks + 1)]
    for end in (end for pipe in pipes for end in pipe) if prepare else ():
        prepare(end)
    times = job.param("times")

    def task(index):
        source, sink = pipes[index][0], pipes[index + 1][1]
        for _ in range(times):
            (byte,) = read(source, 1)
            write(sink, bytes([(byte + 1) & 0xFF]))
        os.close(source)
        os.close(sink)
        return job.seed + index

    def feed():
        total = 0
        entrance, exit = pipes[0][1], pipes[-1][0]
        for turn in range(times):
            write(entrance, bytes([(job.seed + turn) & 0xFF]))
            total += read(exit, 1)[0]
        os.close(entrance)
        os.close(exit)
        return total

    return [(task, index) for index in range(job.tasks)], feed


def listen(job, socket):
    """Where clients come, told to the lab; `socket` is that module, or the like of it."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(max(job.tasks, BACKLOG))
    say_where(listener.getsockname()[1])
    return listener


def say_where(port):
    send({"event": "serving", "address": f"127.0.0.1:{port}"})


def serve_client(token, socket, connection):
    """Sends back whatever comes until the client leaves; the token and how many bytes that were."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sent = 0
    with connection:
        while received := connection.recv(BUFFER_BYTES):
            connection.sendall(received)
            sent += len(received)
    return (token + sent) & U64
