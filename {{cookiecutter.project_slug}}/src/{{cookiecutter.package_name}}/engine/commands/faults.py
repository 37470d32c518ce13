"""How commands that call the service fail: with one line."""

import contextlib
import csv
from collections.abc import Iterator

from ..calling.errors import CallError
from .console import fail


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """Print what is wrong on one line, and exit with 1."""
    try:
        yield
    except RecursionError:
        fail("the file is nested too deeply")
    except MemoryError:
        fail("the file is too large")
    except BrokenPipeError:
        raise  # Who reads, such as head, has seen enough; typer ends without a word.
    except OSError as error:
        fail(in_words(error))
    except (CallError, ValueError, csv.Error) as error:
        fail(str(error))


def in_words(error: OSError) -> str:
    """Return what went wrong, and with which file."""
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)
