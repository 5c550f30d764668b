"""What tasks do that pass something to one another, for tasks that may block: threads, workers of a pool, greenlets.

Who runs them has its own queue, lock and yield. A call is a function and what it is given.
"""

from time import perf_counter_ns as now

from arithmetic import U64, skynet_children
from job import YIELD_WITH_LOCK


def ping_pong(job, queue):
    """A call for each task; `queue(1)` makes a queue that has room for one."""
    calls = []
    for pair in range(job.tasks // 2):
        there, back = queue(1), queue(1)
        ball = (job.seed + pair) & U64
        calls += [
            (first_of_pair, ball, job.param("times"), there, back),
            (second_of_pair, job.param("times"), there, back),
        ]
    return calls


def first_of_pair(ball, times, there, back):
    for _ in range(times):
        there.put(ball)
        ball = back.get() + 1
    return ball


def second_of_pair(times, there, back):
    ball = 0
    for _ in range(times):
        ball = there.get() + 1
        back.put(ball)
    return ball


def fan_in(job, queue):
    """A call for each task, and that of the one which receives: it knows how many messages there will be, as before
    Python 3.13 a queue cannot be closed."""
    times = job.param("times")
    messages = queue(job.param("capacity"))
    senders = [(send_all, job.seed + index, times, messages) for index in range(job.tasks)]
    return senders, (add_up, job.tasks * times, messages)


def send_all(token, times, messages):
    for message in range(times):
        messages.put(token + message)
    return token


def add_up(count, messages):
    total = 0
    for _ in range(count):
        total += messages.get()
    return total


def mutex(job, record, lock, give_way):
    """What a task does, a function of its index; and a list of one number, which the lock guards."""
    counter = [0]
    yields = job.param("across") == YIELD_WITH_LOCK
    times, starts, finishes = job.param("times"), record.starts, record.finishes

    def task(index):
        starts[index] = now()
        for _ in range(times):
            with lock:
                if yields:
                    give_way()
                counter[0] += 1
        finishes[index] = now()
        return job.seed + index

    return task, counter


def skynet(job, record, run):
    """The sum of the tree, each node a call; `run` starts calls, joins them and gives what they returned."""

    def node(first, leaves):
        if leaves == 1:
            return 1, job.seed + first
        children = run([(node, *child) for child in skynet_children(first, leaves)])
        return 1 + sum(nodes for nodes, _ in children), sum(total for _, total in children)

    ((record.completed, total),) = run([(node, 0, job.tasks)])
    return [total]
