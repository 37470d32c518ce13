"""Why a server does not start. What these errors say is all that is shown of them."""

import logging
from signal import Signals

logger = logging.getLogger(__name__)

# Characters of an error that are shown on one line; the log has all of it beside.
MOST_SHOWN = 300


class StartError(Exception):
    """The server cannot start."""


class CannotListenError(StartError):
    """The server's address is in use, or is not one of this machine."""


class NoTransportError(StartError):
    """The transport that the settings ask for is not installed."""


class NoModelError(StartError):
    """The model cannot be loaded, or fails on the row that warms it up."""


class WorkerError(StartError):
    """A worker ended before it served.

    Attributes:
        status: The exit status of its process; one that a signal ended has its number, negative.
    """

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"a worker ended with {in_words(status)} before it served")


def in_words(status: int) -> str:
    """Return the exit status of a process as people know it."""
    if status >= 0:
        return f"status {status}"
    try:
        return Signals(-status).name
    except ValueError:
        return f"signal {-status}"


def in_line(error: BaseException) -> str:
    """Return an error on one line."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]} ..."


def tell(error: StartError) -> None:
    """Log why a server does not start: the error that caused it, and then, last, what to know."""
    if error.__cause__:
        logger.error("The model failed", exc_info=error.__cause__)
    logger.critical("%s", error)
