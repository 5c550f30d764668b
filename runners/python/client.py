"""One exchange with the origin of `request` over a blocking socket, for tasks that may block.

A module of its own: it is imported only for that workload, as `import socket` takes two milliseconds.
"""

import socket

from arithmetic import pack, unpack


def connect(origin):
    """A connection, which closes at the end of its `with`."""
    connection = socket.create_connection(origin)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def ask(connection, number):
    """The origin's reply to a number."""
    connection.sendall(pack(number))
    reply = connection.recv(8, socket.MSG_WAITALL)
    if len(reply) < 8:
        raise ConnectionError(f"the origin hung up after {len(reply)} of 8 bytes")
    return unpack(reply)
