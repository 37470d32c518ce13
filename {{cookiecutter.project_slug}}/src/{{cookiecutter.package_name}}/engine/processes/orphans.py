"""Lets no worker outlive its supervisor."""

import ctypes
import select
import signal
import sys

# From linux/prctl.h: which signal a process gets when its parent ends.
PR_SET_PDEATHSIG = 1


def end_with_supervisor() -> None:
    """End when the supervisor does, even if the model holds Python's lock; Linux sees to it.

    It comes first in a worker, since imports may take long. A supervisor that has ended before sends
    no signal. But it has closed the worker's standard input, in which nothing else can be so soon.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if select.select([sys.stdin], [], [], 0)[0]:
            sys.exit("the supervisor has ended")
