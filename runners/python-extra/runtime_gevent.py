"""python-gevent: greenlets, which have a stack each and are switched where they wait.

The idiom of gevent's documentation: `gevent.spawn` each task, `joinall`, ask each greenlet for its `value`; a
`StreamServer` for clients. What waits is gevent's own: its `sleep`, its `socket`, its events, queues and locks, its
reads and writes of pipes; nothing of the standard library is patched. Nothing is preempted.

Documented settings: none. The loop is the default one (libev), built before `ready`.

What could mislead: a lock that no greenlet waits for while another has it is never contended, which is so in `mutex`
unless the task yields with it.
"""

from types import SimpleNamespace

from missing import unavailable

try:
    import gevent
    import gevent.os
    from gevent import socket
    from gevent.event import Event
    from gevent.lock import BoundedSemaphore
    from gevent.queue import Queue
except ImportError as error:
    raise unavailable("gevent", error) from None

import blocking_runtime
import streams
import tasks
from arithmetic import kernel_of, pack, unpack
from limits import files_of, require_files

FILES_OF_THE_LOOP = 4


class Runtime(blocking_runtime.Runtime):
    wait = staticmethod(gevent.sleep)
    queue, lock = Queue, BoundedSemaphore
    streams = streams
    read, write = staticmethod(gevent.os.nb_read), staticmethod(gevent.os.nb_write)
    prepare_pipe = staticmethod(gevent.os.make_nonblocking)

    def __init__(self, job):
        require_files(files_of(job, job.tasks) + FILES_OF_THE_LOOP)
        if job.workload == "cpu":
            kernel_of(job)  # So that what it imports is there before `ready`.
        self.client = SimpleNamespace(connect=connect, ask=ask)
        gevent.get_hub()

    def start(self, calls):
        return [gevent.spawn(*call) for call in calls]

    def join(self, greenlets):
        gevent.joinall(greenlets, raise_error=True)
        return [greenlet.value for greenlet in greenlets]

    def give_way(self):
        gevent.sleep(0)  # documented: to give way to other greenlets

    def hold(self, job, record):
        everyone_is_here, release = Event(), Event()
        arrived = 0

        def wait():
            nonlocal arrived
            arrived += 1
            if arrived == job.tasks:
                everyone_is_here.set()
            release.wait()

        task = tasks.hold(job, record, wait)
        greenlets = self.start([(task, index) for index in range(job.tasks)])
        everyone_is_here.wait()
        record.holding()  # Blocks the loop on purpose: nothing else may run meanwhile.
        release.set()
        return self.join(greenlets)

    def echo(self, job, record):
        from gevent.server import StreamServer

        returned = []
        everybody_has_gone = Event()
        arrived = 0

        def serve(connection, _):
            nonlocal arrived
            token = job.seed + arrived
            arrived += 1
            returned.append(streams.serve_client(token, socket, connection))
            if len(returned) == job.tasks:
                everybody_has_gone.set()

        server = StreamServer(("127.0.0.1", 0), serve, backlog=max(job.tasks, streams.BACKLOG))
        server.start()
        streams.say_where(server.server_port)
        everybody_has_gone.wait()
        server.stop()
        return returned


def connect(origin):
    """A connection, which closes at the end of its `with`."""
    connection = socket.create_connection(origin)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def ask(connection, number):
    """The origin's reply to a number."""
    connection.sendall(pack(number))
    reply = b""
    while len(reply) < 8:
        more = connection.recv(8 - len(reply))
        if not more:
            raise ConnectionError(f"the origin hung up after {len(reply)} of 8 bytes")
        reply += more
    return unpack(reply)
