"""Concurrent HTTP requests at a steady rate, each answer kept with its time."""

import asyncio
import dataclasses
import time

TIMEOUT_SECONDS = 10


@dataclasses.dataclass(frozen=True)
class Answer:
    """When a request was sent and answered, and what came back; status 0 is a request that broke."""

    sent: float
    answered: float
    status: int
    body: str


class Load:
    """Requests for one host by several connections. `answers` grows while it runs, until `stop` says so."""

    def __init__(self, address, port, host, connections=16, rate=800):
        self.place = (address, port)
        self.request = f"GET / HTTP/1.1\r\nhost: {host}\r\n\r\n".encode()
        self.connections, self.pause = connections, 1 / rate
        self.answers = []
        self.next_send = 0.0

    async def run(self, stop):
        """Sends requests until `stop(answers)` is true."""
        self.next_send = time.monotonic()
        await asyncio.gather(*(self.connection(stop) for _ in range(self.connections)))

    async def connection(self, stop):
        """One connection, opened anew where it broke."""
        streams = None
        while not stop(self.answers):
            await self.turn()
            sent = time.monotonic()
            try:
                streams = streams or await asyncio.open_connection(*self.place)
                status, body = await asyncio.wait_for(self.exchange(*streams), TIMEOUT_SECONDS)
            except (OSError, EOFError, ValueError, asyncio.TimeoutError) as error:
                status, body, streams = 0, repr(error), None
            self.answers.append(Answer(sent, time.monotonic(), status, body))
        if streams:
            streams[1].close()

    async def turn(self):
        """Waits for the time at which the next request is due."""
        self.next_send = max(self.next_send + self.pause, time.monotonic() - 1)
        await asyncio.sleep(max(0.0, self.next_send - time.monotonic()))

    async def exchange(self, reader, writer):
        """One request and its answer."""
        writer.write(self.request)
        head = await reader.readuntil(b"\r\n\r\n")
        line, *headers = head.decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (header.partition(":") for header in headers)}
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        return int(line.split()[1]), body.decode()


def percentile(values, share):
    """The value below which a share of all values is."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
