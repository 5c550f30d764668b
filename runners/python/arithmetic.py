"""What a task computes: the arithmetic of /crates/protocol/src/proof.rs, by which a round is proven."""

from time import thread_time_ns

U64 = (1 << 64) - 1

BLOCK_BYTES = 4096
SKYNET_FAN_OUT = 10

# Values of the parameter `kernel`.
INTEGER, SHA256 = 0, 1

# Steps of a burner between two readings of the clock, which is a system call: some 5 microseconds.
STEPS_A_LOOK = 10


def splitmix64(x):
    """SplitMix64 (Steele, Lea and Flood, 2014): the output for state `x`."""
    z = (x + 0x9E3779B97F4A7C15) & U64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & U64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & U64
    return z ^ (z >> 31)


def kernel_of(job):
    """What a task of `cpu` makes of its token: a function. Ask before `ready`, as this may import."""
    steps = job.param("steps")
    return sha256_kernel(steps) if job.param("kernel") == SHA256 else integer_kernel(steps)


def integer_kernel(steps):
    """Holds the interpreter's lock all the time."""

    def compute(x):
        for _ in range(steps):
            x = splitmix64(x)
        return x

    return compute


def sha256_kernel(steps):
    """Hashes the whole message in one call, in which the interpreter's lock is released from 2048
    bytes on: 32 steps. (Copying the message together holds it.)"""
    from hashlib import sha256

    def compute(token):
        digest = sha256(pack(token) * (8 * steps)).digest()
        return unpack(digest[:8])

    return compute


def burn_slice(slice_ns):
    """Uses up CPU time: waiting for a CPU, or for the interpreter's lock, does not count."""
    end = thread_time_ns() + slice_ns
    x = end
    while thread_time_ns() < end:
        for _ in range(STEPS_A_LOOK):
            x = splitmix64(x)


def block_offset(token, read, blocks):
    """Where the block begins that a task of `file-read` reads as its `read`th."""
    return splitmix64((splitmix64(token) + read) & U64) % blocks * BLOCK_BYTES


# Every other word of a block, and the halves in which what is left is folded: bits, and the lower ones of them.
EVEN_WORDS = sum(U64 << (128 * lane) for lane in range(BLOCK_BYTES // 16))
FOLDS = [(128 * lanes, (1 << 128 * lanes) - 1) for lanes in (128, 64, 32, 16, 8, 4, 2, 1)]


def block_sum(block):
    """The wrapping sum of the words of a block, on long integers: words side by side in lanes of 128 bits, in which no
    sum runs over. A loop over the words took three times as long."""
    number = int.from_bytes(block, "little")
    number = (number & EVEN_WORDS) + ((number >> 64) & EVEN_WORDS)
    for bits, lower in FOLDS:
        number = (number & lower) + (number >> bits)
    return number & U64


def skynet_children(first, leaves):
    """The first leaf of each child of a node of `skynet`, and how many it has: as even as can be."""
    count = min(leaves, SKYNET_FAN_OUT)
    share, larger = divmod(leaves, count)
    for child in range(count):
        own = share + (child < larger)
        yield first, own
        first += own


def skynet_nodes(leaves):
    """All nodes of a tree of `skynet`."""
    if leaves == 1:
        return 1
    count = min(leaves, SKYNET_FAN_OUT)
    share, larger = divmod(leaves, count)
    nodes = 1 + (count - larger) * skynet_nodes(share)
    return nodes + larger * skynet_nodes(share + 1) if larger else nodes


def pack(number):
    """A number as the origin of `request` wants it."""
    return number.to_bytes(8, "little")


def unpack(reply):
    """The number in its reply."""
    return int.from_bytes(reply, "little")
