"""Lets health follow the model: one that hangs is not served."""

import asyncio
import logging
from collections.abc import Callable

from .health import Health

logger = logging.getLogger(__name__)

# How often in the model's timeout it looks. More often, and health follows sooner.
LOOKS = 10


async def watch(busy_seconds: Callable[[], float], health: Health, timeout: float) -> None:
    """Say NOT_SERVING while a batch or a request takes too long, and SERVING once it has ended.

    Args:
        busy_seconds: Tells how long the oldest batch has been running, or request been read.
        health: Where to say so.
        timeout: How many seconds that may take.
    """
    while True:
        await asyncio.sleep(timeout / LOOKS)
        if busy_seconds() <= timeout:
            continue
        logger.error(
            "A batch, or reading a request, takes longer than %g seconds "
            "(SERVER_MODEL_TIMEOUT_SECONDS); NOT_SERVING until it ends",
            timeout,
        )
        await health.not_serving()
        while busy_seconds() > timeout:
            await asyncio.sleep(timeout / LOOKS)
        logger.info("It has ended; SERVING")
        await health.serving()
