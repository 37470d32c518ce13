"""Triton's Python backend: predicts the requests of a dynamic batch in one go."""

import os
import sys
from typing import Any

import numpy as np
import triton_python_backend_utils as triton

# The backend's Python does not read it by itself.
sys.path += os.environ["PYTHONPATH"].split(os.pathsep)

from bench_model import IrisModel


class TritonPythonModel:
    """Predicts batches."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the model."""
        self._model = IrisModel()

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer each request of a batch."""
        rows = [triton.get_input_tensor_by_name(r, "features").as_numpy() for r in requests]
        places, probabilities = self._model.predict(np.concatenate(rows))
        species = places.astype(np.int32).reshape(-1, 1)
        responses = []
        start = 0
        for part in rows:
            stop = start + len(part)
            outputs = [
                triton.Tensor("species", species[start:stop]),
                triton.Tensor("probabilities", probabilities[start:stop]),
            ]
            responses.append(triton.InferenceResponse(outputs))
            start = stop
        return responses
