"""How log messages look, and how they get out without holding anything up."""

import logging
import os
import queue
import threading
import time

from ..settings import Settings

# Messages that may wait until stderr takes them, and characters of each that are kept. More, and
# a burst is kept whole; less, and a pipe that nobody reads takes less memory: 32 MiB at most.
MOST_WAITING = 1000
MOST_CHARACTERS = 32 * 1024
# Longest that the end of the process waits until stderr has taken all of them.
FLUSH_SECONDS = 0.5

STDERR = 2
# Where grpcio logs what becomes of calls.
GRPCIO = "grpc._cython.cygrpc"


class Writer(logging.Handler):
    """Writes messages to stderr on a thread: the pipe behind it may be full and nobody read it.

    What is more than may wait is lost, and counted.
    """

    def __init__(self) -> None:
        super().__init__()
        self._texts: queue.Queue[str] = queue.Queue(MOST_WAITING)
        self._lost = 0
        threading.Thread(target=self._write_all, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._put(shortened(self.format(record)))
        except Exception:
            self.handleError(record)

    def flush(self) -> None:
        """Wait until all is written, for a moment."""
        if self._lost:
            self._put("The log goes on")
        end = time.monotonic() + FLUSH_SECONDS
        while self._texts.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.001)

    def _put(self, text: str) -> None:
        gap = f"{self._lost} messages are lost here, since nobody read the log\n"
        try:
            self._texts.put_nowait(gap + text if self._lost else text)
            self._lost = 0
        except queue.Full:
            self._lost += 1

    def _write_all(self) -> None:
        while True:
            write(self._texts.get())
            self._texts.task_done()


def write(text: str) -> None:
    """Write a line to stderr, without a lock that the end of the process would wait for."""
    data = memoryview(f"{text}\n".encode(errors="backslashreplace"))
    try:
        while data:
            data = data[os.write(STDERR, data) :]
    except OSError:
        pass  # Nobody can read it any more.


def shortened(text: str) -> str:
    """Return the beginning and the end of a long text."""
    if len(text) <= MOST_CHARACTERS:
        return text
    half = MOST_CHARACTERS // 2
    return f"{text[:half]}\n[{len(text) - 2 * half} characters are left out]\n{text[-half:]}"


def configure(settings: Settings) -> None:
    """Write log messages to stderr, from the level that the settings ask for.

    The core of gRPC writes there by itself, a line for each call with a bad header, and waits if
    nobody reads them; so it is told to write nothing, and so are the workers, unless its user asks.
    """
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    logging.basicConfig(
        level=settings.log_level,
        format="%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s",
        handlers=[Writer()],
    )
    logging.getLogger(GRPCIO).addFilter(is_news)


def is_news(record: logging.LogRecord) -> bool:
    """Tell whether a message says more than that a caller has gone before the answer was sent."""
    error = record.exc_info[1] if record.exc_info else None
    return type(error).__name__ != "ExecuteBatchError"
