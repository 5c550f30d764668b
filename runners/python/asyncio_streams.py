"""What tasks of asyncio do with pipes and sockets: with its own streams."""

import asyncio
import os
from time import perf_counter_ns as now

from arithmetic import U64, pack, unpack
from streams import BACKLOG, BUFFER_BYTES, say_where


async def request(job, record):
    seed = job.seed
    host, port = job.origin
    starts, finishes = record.starts, record.finishes

    async def task(index):
        starts[index] = now()
        reader, writer = await asyncio.open_connection(host, port)  # sets TCP_NODELAY by itself
        writer.write(pack((seed + index) & U64))
        await writer.drain()
        reply = await reader.readexactly(8)
        finishes[index] = now()
        writer.close()
        await writer.wait_closed()
        return unpack(reply)

    return await asyncio.gather(*(task(index) for index in range(job.tasks)))


async def brigade(job, record):
    seed, times = job.seed, job.param("times")

    async def task(index, reader, writer):
        for _ in range(times):
            (byte,) = await reader.readexactly(1)
            writer.write(bytes([(byte + 1) & 0xFF]))
        writer.close()
        return seed + index

    reader, entrance = await open_pipe()
    tasks = []
    for index in range(job.tasks):
        next_reader, writer = await open_pipe()
        tasks.append(asyncio.create_task(task(index, reader, writer)))
        reader = next_reader
    for turn in range(times):
        entrance.write(bytes([(seed + turn) & 0xFF]))
        record.added += (await reader.readexactly(1))[0]
    entrance.close()
    return await asyncio.gather(*tasks)


async def open_pipe():
    """A pipe: a stream to read from, which closes itself when the other end has gone, and a transport to write to."""
    loop = asyncio.get_running_loop()
    source, sink = os.pipe()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(source, "rb", 0))
    writer, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(sink, "wb", 0))
    return reader, writer


async def echo(job, record):
    returned = []
    arrived = 0
    everybody_has_gone = asyncio.get_running_loop().create_future()

    async def serve(reader, writer):
        """Is a task already: the server starts one for each connection. It sets TCP_NODELAY by itself."""
        nonlocal arrived
        token, sent = job.seed + arrived, 0
        arrived += 1
        while received := await reader.read(BUFFER_BYTES):
            writer.write(received)
            await writer.drain()
            sent += len(received)
        writer.close()
        await writer.wait_closed()
        returned.append((token + sent) & U64)
        if len(returned) == job.tasks:
            everybody_has_gone.set_result(None)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=max(job.tasks, BACKLOG))
    async with server:
        say_where(server.sockets[0].getsockname()[1])
        await everybody_has_gone
    return returned
