"""Asks about one row, steadily, by the generated client: python single.py PORT SECONDS A_SECOND.

Prints as JSON how long each answer took, in milliseconds, and how many calls ended with which
error. Time counts from when a call was due, so a slow answer delays none of the next calls.
"""

import asyncio
import json
import sys
import time
from collections import Counter

import bench_client
from iris_classifier import AsyncClient, CallError

FLOWER = bench_client.as_json((5.1, 3.5, 1.4, 0.2))
TIMEOUT = 60


async def main(port: int, seconds: float, rate: float) -> None:
    """Call so often for so long, and print what came of it."""
    times: list[float] = []
    errors: Counter[str] = Counter()

    async def call(due: float) -> None:
        try:
            await client.predict(**FLOWER, timeout=TIMEOUT)
            times.append(1000 * (time.perf_counter() - due))
        except CallError as error:
            errors[error.code.name] += 1

    async with AsyncClient(f"127.0.0.1:{port}") as client:
        # The connection is there before anything counts.
        await client.predict(**FLOWER, timeout=TIMEOUT)
        began = time.perf_counter()
        async with asyncio.TaskGroup() as calls:
            for number in range(int(seconds * rate)):
                due = began + number / rate
                await asyncio.sleep(due - time.perf_counter())
                calls.create_task(call(due))
    json.dump({"times_ms": times, "errors": errors}, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))
