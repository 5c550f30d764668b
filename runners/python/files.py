"""What tasks do with a file, for tasks that may block: threads, workers of a pool, calls."""

import os
from mmap import mmap
from time import perf_counter_ns as now

from arithmetic import BLOCK_BYTES, U64, block_sum
from job import DIRECT


def flags_of(job):
    return os.O_RDONLY | os.O_CLOEXEC | (os.O_DIRECT if job.param("io") == DIRECT else 0)


def file_read(job, record):
    """What a task does: a function of its index."""
    times, flags, offsets = job.param("times"), flags_of(job), job.offsets
    read_block = read_directly if job.param("io") == DIRECT else read_cached
    starts, finishes = record.starts, record.finishes

    def task(index):
        starts[index] = now()
        file = os.open(job.file, flags)
        read = read_block(file, job.file)
        total = 0
        for offset in offsets[index * times : (index + 1) * times]:
            total += block_sum(read(offset))
        os.close(file)
        finishes[index] = now()
        return total & U64

    return task


def read_cached(file, name):
    def read(offset):
        return whole(os.pread(file, BLOCK_BYTES, offset), name)

    return read


def read_directly(file, name):
    """Into memory of a mapping, which is aligned as O_DIRECT demands; that of other objects is not."""
    block = mmap(-1, BLOCK_BYTES)

    def read(offset):
        got = os.preadv(file, [block], offset)
        return whole(block[:got], name)

    return read


def whole(block, name):
    if len(block) < BLOCK_BYTES:
        raise EOFError(f"{len(block)} of {BLOCK_BYTES} bytes of a block of {name}")
    return block
