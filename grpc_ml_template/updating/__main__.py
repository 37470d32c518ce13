"""``python -m grpc_ml_template.updating``: an update that is interrupted says so in one line."""

import signal
import sys
from types import FrameType

# What interrupts an update.
SIGNALS = (signal.SIGINT, signal.SIGTERM)
interrupts: list[int] = []


def note(number: int, frame: FrameType | None) -> None:
    """Take note of an interrupt.

    Libraries in C that are imported meanwhile would print a traceback of their own.
    """
    interrupts.append(number)


if __name__ == "__main__":
    for number in SIGNALS:
        signal.signal(number, note)
    from .command import main

    try:
        for number in SIGNALS:
            signal.signal(number, signal.default_int_handler)  # Which tidies up.
        if interrupts:
            raise KeyboardInterrupt
        main()
    except KeyboardInterrupt:
        sys.exit("make update: interrupted; nothing is changed")
