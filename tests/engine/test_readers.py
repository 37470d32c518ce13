"""Large requests are read on threads, which hold up neither the server's end nor its health."""

import asyncio
import threading
import time

import pytest
from contract import SCHEMA
from engine.batching.batcher import Limits
from engine.batching.budget import Budget
from engine.serving.handlers import Handlers
from engine.serving.readers import READERS, Readers
from waiting import run, until


def test_a_request_is_read_on_a_thread_that_the_end_does_not_wait_for() -> None:
    async def check() -> None:
        readers = Readers()
        [thread, is_daemon] = await asyncio.wrap_future(
            readers.submit(lambda: [threading.current_thread(), threading.current_thread().daemon])
        )
        assert thread is not threading.main_thread()
        assert is_daemon
        readers.close()

    run(check())


def test_what_reading_raises_reaches_the_call() -> None:
    async def check() -> None:
        readers = Readers()
        with pytest.raises(ZeroDivisionError):
            await asyncio.wrap_future(readers.submit(lambda: 1 // 0))
        assert await asyncio.wrap_future(readers.submit(lambda: 1)) == 1
        readers.close()

    run(check())


def test_health_can_tell_how_long_a_request_has_been_read() -> None:
    async def check() -> None:
        handlers = Handlers(SCHEMA, Limits(), Budget(1000), 1000)
        readers, go = handlers._readers, threading.Event()
        assert handlers.busy_seconds == 0
        reading = readers.submit(go.wait)
        until(lambda: handlers.busy_seconds > 0, "a reader is busy")
        time.sleep(0.05)
        assert handlers.busy_seconds > 0.05
        go.set()
        await asyncio.wrap_future(reading)
        until(lambda: handlers.busy_seconds == 0, "no reader is busy")
        handlers.close()

    run(check())


def test_a_read_that_is_cancelled_before_it_begins_is_left_out() -> None:
    async def check() -> None:
        readers, go, read = Readers(), threading.Event(), list[int]()
        busy = [readers.submit(go.wait) for _ in range(READERS)]
        waiting = readers.submit(lambda: read.append(1))
        assert waiting.cancel()
        go.set()
        for each in busy:
            await asyncio.wrap_future(each)
        await asyncio.wrap_future(readers.submit(lambda: None))
        assert read == []
        readers.close()

    run(check())
