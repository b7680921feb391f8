"""HTTP servers that tell who they are and what they were asked, for the clusters of a mesh.

    python3 tests/real/backends.py ADDRESS NAME=PORT...

The body of each answer is the server's name; `x-seen-path` and `x-seen-host` are what the request asked for. Requests on
one connection may follow each other. It runs as a process of its own, so that its work does not slow down who measures.
"""

import asyncio
import socket
import subprocess
import sys
import time

from control_plane import NotStarted, free_port

HEAD_END = b"\r\n\r\n"
READY_SECONDS = 20


class Connection(asyncio.Protocol):
    """One connection: answers each request as soon as it is complete."""

    def __init__(self, name):
        self.name = name.encode()
        self.received = b""

    def connection_made(self, transport):
        """Keeps the way back."""
        self.transport = transport

    def data_received(self, data):
        """Answers all requests that have come in so far."""
        self.received += data
        while HEAD_END in self.received:
            head, rest = self.received.split(HEAD_END, 1)
            line, *headers = head.split(b"\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (header.partition(b":") for header in headers)}
            length = int(fields.get(b"content-length", 0))
            if len(rest) < length:
                return
            self.received = rest[length:]
            self.transport.write(self.answer(line, fields))

    def answer(self, line, fields):
        """The answer to one request."""
        method, path, _ = line.split(b" ", 2)
        head = [b"HTTP/1.1 200 OK", b"content-type: text/plain", b"content-length: %d" % len(self.name),
                b"x-seen-path: " + path, b"x-seen-host: " + fields.get(b"host", b"")]
        return b"\r\n".join([*head, b"", b"" if method == b"HEAD" else self.name])


class Backends:
    """The servers, by the names of their clusters. Use it with `with`: they end with it."""

    def __init__(self, address, names):
        self.address = address
        self.ports = {name: free_port(address) for name in names}
        command = [sys.executable, __file__, address, *(f"{name}={port}" for name, port in self.ports.items())]
        self.process = subprocess.Popen(command, start_new_session=True)

    def __enter__(self):
        end = time.monotonic() + READY_SECONDS
        while not all(self.listens(port) for port in self.ports.values()):
            if self.process.poll() is not None or time.monotonic() > end:
                raise NotStarted("the backends do not listen")
            time.sleep(0.05)
        return self

    def listens(self, port):
        """Whether a server takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex((self.address, port)) == 0

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


async def serve(address, servers):
    """Serves until the process ends."""
    loop = asyncio.get_running_loop()
    for name, port in servers:
        await loop.create_server(lambda name=name: Connection(name), address, int(port))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], [one.split("=") for one in sys.argv[2:]]))
