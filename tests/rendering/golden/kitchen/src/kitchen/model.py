"""The model. This is the file to edit; nothing in it knows of gRPC."""

import logging
import platform

import numpy as np

from .schema import Inputs, Outputs

logger = logging.getLogger(__name__)


class Model:
    """A placeholder: its answers have the right form and no meaning.

    To put your model in its place, load it in ``__init__``, call it in ``predict``, and add what
    it needs to the ``server`` extra in pyproject.toml.

    Attributes:
        version: Identifies the trained model; sent with every prediction.
        runtime: What runs it, with version.
    """

    def __init__(self) -> None:
        """Load the model, once."""
        self.version = "0.0.0"
        self.runtime = f"python {platform.python_version()}"
        logger.warning("The model is a placeholder; put yours into %s", __file__)

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch of n instances; see Inputs and Outputs for their columns."""
        n = len(inputs.age)
        return Outputs(
            y=np.zeros(n, np.float32),
            label=np.zeros(n, np.int64),
            kind=np.zeros(n, np.int64),
            note=np.full(n, "", np.object_),
            raw=np.full(n, b"", np.object_),
            n=np.zeros(n, np.int32),
            ok=np.zeros(n, np.bool_),
            probs=np.zeros((n, 3), np.float32),
            words=np.full((n, 2), "", np.object_),
            boxes=[np.zeros((1, 4), np.float32) for _ in range(n)],
            dense=[np.zeros((1, 1), np.float64) for _ in range(n)],
            texts=[np.full((1,), "", np.object_) for _ in range(n)],
            pic=[np.zeros((1, 1, 3), np.uint8) for _ in range(n)],
            thumb=np.zeros((n, 4, 4, 1), np.uint8),
            scores=np.zeros((n, 3), np.float32),
        )
