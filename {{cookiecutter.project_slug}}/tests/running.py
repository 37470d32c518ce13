"""Servers that run within the tests, and waits that end."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from {{ cookiecutter.package_name }}.engine.project import Serving
from {{ cookiecutter.package_name }}.engine.serving.predictor import Model
from {{ cookiecutter.package_name }}.engine.serving.server import Server
from {{ cookiecutter.package_name }}.engine.settings import Settings
from {{ cookiecutter.package_name }}.schema import SCHEMA
from {{ cookiecutter.package_name }}.service import Service
from {{ cookiecutter.package_name }}.v1 import service_pb2_grpc as pb_grpc

Result = TypeVar("Result")
Stub = pb_grpc.{{ service(cookiecutter).class_name }}ServiceStub

# Longest that a test waits for one thing. It is well below the timeout of a whole test, in
# pyproject.toml, so that a test fails with what it waited for.
WAIT_SECONDS = 50.0


def serving(load: Callable[[], Model]) -> Serving:
    """Return what it takes to serve a model of the tests' own."""
    return Serving(SCHEMA, load, Service)


def until(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something is so; fail with what was waited for if that takes too long."""
    end = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < end, f"waited {WAIT_SECONDS:.0f} s in vain until {what}"
        time.sleep(0.01)


def in_time(work: Callable[[], Result], what: str) -> Result:
    """Return what the work returns; fail if it takes too long.

    It runs on a daemon thread, which holds up nothing, not even the end of the tests, if it never
    ends.
    """
    done: Future[Result] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    until(done.done, what)
    return done.result()


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
        """Run a coroutine to its end; fail if that takes too long."""
        task = self.start(coroutine)
        until(task.done, f"{coroutine} has ended")
        return task.result()

    def start(self, coroutine: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Run a coroutine, and return what tells of its end."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    @contextmanager
    def serving(self, load: Callable[[], Model], **settings: Any) -> Iterator[str]:
        """Run a server, by default on a free port; gives its address."""
        options = {"host": "127.0.0.1", "port": 0, "grace_seconds": 5, **settings}
        options.setdefault("warm_up", "try")  # Some of the tests' models are meant to fail.
        server = Server(serving(load), Settings(**options))
        try:
            yield f"127.0.0.1:{self.run(server.start())}"
        finally:
            self.run(server.stop())

    @contextmanager
    def loading(self, load: Callable[[], Model]) -> Iterator[str]:
        """Run a server, and give its address while it loads its model."""
        port = free_port()
        server = Server(serving(load), Settings(host="127.0.0.1", port=port))
        started = self.start(server.start())
        until(lambda: is_open(port) or started.done(), "the server has opened its port")
        try:
            yield f"127.0.0.1:{port}"
        finally:
            until(started.done, "the server has loaded its model")
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
