"""How many files a server may have open, which connections are, too."""

import contextlib
import sys


def allow_many() -> None:
    """Raise the limit as far as the system lets; workers inherit it."""
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        with contextlib.suppress(OSError, ValueError):  # macOS has less than it says.
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
