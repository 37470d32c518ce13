"""A model that does whatever a model must not do, for projects that faults are tested on."""

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from .schema import Inputs, Outputs

FOREVER = 1000
# What to do while it is loaded, if the file is there: a word of FAULTS.
LOADING = Path(os.environ["MISBEHAVIOUR"])


def hang() -> None:
    """Block, and let other threads run."""
    time.sleep(FOREVER)


def block_for_3_seconds() -> None:
    """Block for a while, and let other threads run."""
    time.sleep(3)


def loop() -> None:
    """Compute for ever."""
    while True:
        pass


def lock() -> None:
    """Hold Python's lock, as extensions do that never return to it."""
    ctypes.PyDLL(None).sleep(FOREVER)


def stop() -> None:
    """Be stopped, as by a debugger."""
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(1)  # Another thread may get the signal, and take a moment.


def shout() -> None:
    """Fail with a text of 10 MB."""
    raise ValueError("A" * 10_000_000)


def fail() -> None:
    """Fail."""
    raise ValueError("this row is not real")


def fork() -> None:
    """Leave a process behind that has all that this one has open."""
    if not (child := os.fork()):
        time.sleep(FOREVER)
    print(f"Forked {child}.", file=sys.stderr, flush=True)


# By the petal width that asks for each; 0 does nothing.
FAULTS = [hang, block_for_3_seconds, loop, lock, stop, shout, fail, fork]
NAMES = [fault.__name__ for fault in FAULTS]
if word := os.environ.get("IMPORTING"):
    FAULTS[NAMES.index(word)]()


class Model:
    """Answers, unless it is asked to misbehave.

    Attributes:
        version: Identifies the trained model; sent with every prediction.
        runtime: What runs it, with version.
    """

    version = "1"
    runtime = "none"

    def __init__(self) -> None:
        """Load, as the file says."""
        if LOADING.exists():
            word = LOADING.read_text()
            print(f"Loading with {word}", file=sys.stderr, flush=True)
            FAULTS[NAMES.index(word)]()

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch."""
        made_up = not inputs.sepal_length.any()
        warm_up = os.environ.get("WARM_UP") if made_up else None
        fault = NAMES.index(warm_up) + 1 if warm_up else int(inputs.petal_width.max())
        if fault:
            if FAULTS[fault - 1] is not shout:  # A pipe that is full would hold the model up here.
                print(f"Predicting with {NAMES[fault - 1]}", file=sys.stderr, flush=True)
            FAULTS[fault - 1]()
        rows = len(inputs.sepal_length)
        return Outputs(
            species=np.zeros(rows, np.int64), probabilities=np.ones((rows, 3), np.float32)
        )
