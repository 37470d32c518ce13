{% set s = service(cookiecutter) %}
"""Servers that run within the tests."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from {{ s.package }}.predictor import Model
from {{ s.package }}.server import Server
from {{ s.package }}.settings import Settings

Result = TypeVar("Result")


class Background:
    """An event loop on a thread. gRPC takes one a process: servers and clients share it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine to its end."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=30)

    @contextmanager
    def serving(self, load: Callable[[], Model], **settings: Any) -> Iterator[str]:
        """Run a server, by default on a free port; gives its address."""
        options = {"host": "127.0.0.1", "port": 0, "grace_seconds": 5, **settings}
        options.setdefault("warm_up", "try")  # Some of the tests' models are meant to fail.
        server = Server(Settings(**options), load)
        try:
            yield f"127.0.0.1:{self.run(server.start())}"
        finally:
            self.run(server.stop())

    @contextmanager
    def loading(self, load: Callable[[], Model]) -> Iterator[str]:
        """Run a server, and give its address while it loads its model."""
        port = free_port()
        server = Server(Settings(host="127.0.0.1", port=port), load)
        started = asyncio.run_coroutine_threadsafe(server.start(), self._loop)
        while not is_open(port):
            time.sleep(0.01)
        try:
            yield f"127.0.0.1:{port}"
        finally:
            started.result(timeout=30)
            self.run(server.stop())


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def is_open(port: int) -> bool:
    """Tell whether somebody listens on a port."""
    with socket.socket() as visitor:
        return visitor.connect_ex(("127.0.0.1", port)) == 0
