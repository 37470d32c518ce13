"""Repeats one request, steadily; runs in an environment of its own.

python steady.py PROTOCOL URL CONTENT_TYPE SECONDS A_SECOND < MESSAGE

Prints as JSON how long each answer took, in milliseconds, and how many requests ended with which
error. Time counts from when a request was due, so a slow answer delays none of the next ones.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import grpc

TIMEOUT = 60

Send = Callable[[], Awaitable[object]]


async def main(protocol: str, url: str, content_type: str, seconds: float, rate: float) -> None:
    """Send so often for so long, and print what came of it."""
    message = sys.stdin.buffer.read()
    times: list[float] = []
    errors: Counter[str] = Counter()
    sender = (
        over_grpc(url, message) if protocol == "gRPC" else over_http(url, message, content_type)
    )

    async def call(send: Send, due: float) -> None:
        try:
            await send()
            times.append(1000 * (time.perf_counter() - due))
        except Exception as error:
            errors[type(error).__name__] += 1

    async with sender as send:
        # The connection is there before anything counts.
        await send()
        began = time.perf_counter()
        async with asyncio.TaskGroup() as calls:
            for number in range(int(seconds * rate)):
                due = began + number / rate
                await asyncio.sleep(due - time.perf_counter())
                calls.create_task(call(send, due))
    json.dump({"times_ms": times, "errors": errors}, sys.stdout)


@asynccontextmanager
async def over_grpc(url: str, message: bytes) -> AsyncIterator[Send]:
    """Connect, and give what sends the message once."""
    parts = urlsplit(url)
    async with grpc.aio.insecure_channel(parts.netloc) as channel:
        method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(parts.path)
        yield lambda: method(message, timeout=TIMEOUT)


@asynccontextmanager
async def over_http(url: str, message: bytes, content_type: str) -> AsyncIterator[Send]:
    """Connect as often as is needed, and give what sends the message once."""
    import aiohttp  # type: ignore[import-not-found]

    # Those that wait must not keep others from being sent.
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    headers = {"Content-Type": content_type}
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, headers=headers, raise_for_status=True
    ) as session:

        async def send() -> None:
            async with session.post(url, data=message) as response:
                await response.read()

        yield send


if __name__ == "__main__":
    protocol, url, content_type, seconds, rate = sys.argv[1:]
    asyncio.run(main(protocol, url, content_type, float(seconds), float(rate)))
