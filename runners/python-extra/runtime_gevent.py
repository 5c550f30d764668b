"""python-gevent: greenlets, which have a stack each and are switched where they wait.

The idiom of gevent's documentation: `gevent.spawn` each task, `joinall`, ask each greenlet for its `value`. What
waits is gevent's own: its `sleep`, its `socket`, its events and queues; nothing of the standard library is
patched. Nothing is preempted.

Documented settings: none. The loop is the default one (libev), built before `ready`.
"""

from time import perf_counter_ns as now

from missing import unavailable

try:
    import gevent
    from gevent import socket
    from gevent.event import Event
    from gevent.queue import Queue
except ImportError as error:
    raise unavailable("gevent", error) from None

import serving
from arithmetic import U64, burn_slice, kernel_of, pack, unpack
from job import YIELD, Refused
from limits import require_files

FILES_OF_THE_LOOP = 4


class Runtime(serving.Runtime):
    def __init__(self, job):
        if job.workload == "ping-pong" and job.tasks % 2:
            raise Refused("protocol-error", f"{job.tasks} tasks: ping-pong pairs its tasks, give an even number")
        if job.workload == "request":
            require_files(job.tasks + FILES_OF_THE_LOOP)
        if job.workload == "cpu":
            self.compute = kernel_of(job)
        gevent.get_hub()

    def run_round(self, job, record):
        return getattr(self, job.workload.replace("-", "_").replace("yield", "give_way"))(job, record)

    def sleep(self, job, record):
        seed, seconds = job.seed, job.seconds
        starts, finishes = record.starts, record.finishes

        def task(index):
            starts[index] = now()
            gevent.sleep(seconds[index])
            finishes[index] = now()
            return (seed + index) & U64

        return spawn_and_join(task, job.tasks)

    def spawn(self, job, record):
        seed = job.seed

        def task(index):
            return (seed + index) & U64

        return spawn_and_join(task, job.tasks)

    def hold(self, job, record):
        seed, tasks = job.seed, job.tasks
        starts, finishes = record.starts, record.finishes
        everyone_is_here, release = Event(), Event()
        arrived = 0

        def task(index):
            nonlocal arrived
            starts[index] = now()
            arrived += 1
            if arrived == tasks:
                everyone_is_here.set()
            release.wait()
            finishes[index] = now()
            return (seed + index) & U64

        greenlets = [gevent.spawn(task, index) for index in range(tasks)]
        everyone_is_here.wait()
        record.holding()  # Blocks the loop on purpose: nothing else may run meanwhile.
        release.set()
        return join(greenlets)

    def give_way(self, job, record):
        seed, times = job.seed, job.param("times")

        def task(index):
            given = 0
            for _ in range(times):
                gevent.sleep(0)  # documented: to give way to other greenlets
                given += 1
            return (seed + index + given) & U64

        return spawn_and_join(task, job.tasks)

    def ping_pong(self, job, record):
        seed, times = job.seed, job.param("times")

        def first(pair, there, back):
            ball = (seed + pair) & U64
            for _ in range(times):
                there.put(ball)
                ball = back.get() + 1
            return ball

        def second(there, back):
            ball = 0
            for _ in range(times):
                ball = there.get() + 1
                back.put(ball)
            return ball

        greenlets = []
        for pair in range(job.tasks // 2):
            there, back = Queue(1), Queue(1)
            greenlets += [gevent.spawn(first, pair, there, back), gevent.spawn(second, there, back)]
        return join(greenlets)

    def request(self, job, record):
        seed, origin = job.seed, job.origin
        starts, finishes = record.starts, record.finishes

        def task(index):
            starts[index] = now()
            with socket.create_connection(origin) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.sendall(pack((seed + index) & U64))
                reply = b""
                while len(reply) < 8:
                    more = connection.recv(8 - len(reply))
                    if not more:
                        raise ConnectionError(f"the origin hung up after {len(reply)} of 8 bytes")
                    reply += more
                finishes[index] = now()
            return unpack(reply)

        return spawn_and_join(task, job.tasks)

    def cpu(self, job, record):
        seed, compute = job.seed, self.compute
        starts, finishes = record.starts, record.finishes

        def task(index):
            starts[index] = now()
            result = compute((seed + index) & U64)
            finishes[index] = now()
            return result

        return spawn_and_join(task, job.tasks)

    def mixed(self, job, record):
        seed, tasks, times = job.seed, job.tasks, job.param("times")
        seconds = job.param("duration_ns") / 1e9
        slices, slice_ns = job.param("slices"), job.param("slice_ns")
        yields = job.param("policy") == YIELD
        starts, finishes = record.starts, record.finishes

        def heartbeat(index):
            tokens = 0
            for beat in range(index * times, (index + 1) * times):
                starts[beat] = now()
                gevent.sleep(seconds)
                finishes[beat] = now()
                tokens += seed + beat
            return tokens & U64

        def burner(index):
            burnt = 0
            for _ in range(slices):
                burn_slice(slice_ns)
                burnt += 1
                if yields:
                    gevent.sleep(0)
            return (seed + tasks * times + index + burnt) & U64

        greenlets = [gevent.spawn(heartbeat, index) for index in range(tasks)]
        greenlets += [gevent.spawn(burner, index) for index in range(job.param("burners"))]
        return join(greenlets)


def spawn_and_join(task, tasks):
    return join([gevent.spawn(task, index) for index in range(tasks)])


def join(greenlets):
    gevent.joinall(greenlets, raise_error=True)
    return [greenlet.value for greenlet in greenlets]
