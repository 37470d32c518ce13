"""A model that answers with what it was asked, for projects that faults are tested on."""

import atexit
import os
import sys
import time

import numpy as np

from .schema import Inputs, Outputs

SECONDS = float(os.environ["ECHO_SECONDS"])


class Model:
    """Takes its time for a batch, and fails on poison.

    Attributes:
        version: Identifies the trained model; sent with every prediction.
        runtime: What runs it, with version.
    """

    version = "1"
    runtime = "echo"

    def __init__(self) -> None:
        """Count rows, and tell how many there were at the end."""
        self._rows = 0
        atexit.register(lambda: print(f"Rows: {self._rows}", file=sys.stderr, flush=True))

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch."""
        if inputs.petal_width.any():
            raise RuntimeError("poison")
        time.sleep(SECONDS)
        self._rows += len(inputs.sepal_length)
        return Outputs(
            species=np.zeros(len(inputs.sepal_length), np.int64),
            probabilities=np.stack(
                [inputs.sepal_length, inputs.sepal_width, inputs.petal_length], axis=1
            ),
        )
