"""What tasks of asyncio do that pass something to one another: with its own queue, lock and tasks."""

import asyncio
from time import perf_counter_ns as now

from arithmetic import U64, skynet_children
from job import YIELD_WITH_LOCK


async def ping_pong(job, record):
    seed, times = job.seed, job.param("times")

    async def first(pair, there, back):
        ball = (seed + pair) & U64
        for _ in range(times):
            await there.put(ball)
            ball = await back.get() + 1
        return ball

    async def second(there, back):
        ball = 0
        for _ in range(times):
            ball = await there.get() + 1
            await back.put(ball)
        return ball

    tasks = []
    for pair in range(job.tasks // 2):
        there, back = asyncio.Queue(1), asyncio.Queue(1)
        tasks += [first(pair, there, back), second(there, back)]
    return await asyncio.gather(*tasks)


async def fan_in(job, record):
    seed, times = job.seed, job.param("times")
    messages = asyncio.Queue(job.param("capacity"))

    async def task(index):
        token = seed + index
        for message in range(times):
            await messages.put(token + message)
        return token

    async def receive():
        """It knows how many messages there will be: before 3.13 a queue cannot be closed."""
        total = 0
        for _ in range(job.tasks * times):
            total += await messages.get()
        return total

    receiver = asyncio.create_task(receive())
    tokens = await asyncio.gather(*(task(index) for index in range(job.tasks)))
    record.added = await receiver
    return tokens


async def mutex(job, record):
    seed, times = job.seed, job.param("times")
    yields = job.param("across") == YIELD_WITH_LOCK
    starts, finishes = record.starts, record.finishes
    lock = asyncio.Lock()
    counter = 0

    async def task(index):
        nonlocal counter
        starts[index] = now()
        for _ in range(times):
            async with lock:
                if yields:
                    await asyncio.sleep(0)
                counter += 1
        finishes[index] = now()
        return seed + index

    tokens = await asyncio.gather(*(task(index) for index in range(job.tasks)))
    record.added = counter
    return tokens


async def skynet(job, record):
    seed = job.seed

    async def node(first, leaves):
        if leaves == 1:
            return 1, seed + first
        children = await asyncio.gather(*(node(*child) for child in skynet_children(first, leaves)))
        return 1 + sum(nodes for nodes, _ in children), sum(total for _, total in children)

    record.completed, total = await asyncio.create_task(node(0, job.tasks))
    return [total]
