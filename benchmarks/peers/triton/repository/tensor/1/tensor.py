"""Triton's Python backend with a tensor."""

import os
import sys
from typing import Any

import triton_python_backend_utils as triton

# The backend's Python does not read it by itself.
sys.path += os.environ["PYTHONPATH"].split(os.pathsep)

from bench_reductions import largest


class TritonPythonModel:
    """Predicts each request of a batch: to join them first would only copy them."""

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer each request of a batch."""
        responses = []
        for request in requests:
            tensors = triton.get_input_tensor_by_name(request, "values").as_numpy()
            answer = triton.Tensor("largest", largest(tensors))
            responses.append(triton.InferenceResponse([answer]))
        return responses
