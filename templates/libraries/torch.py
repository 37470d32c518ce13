{% set m = s.model %}
"""The model's own library, asked with nothing of the service between: what answers have to be."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

{{ m.library_imports }}


class Library:
    """PyTorch, with the model.

    Attributes:
        made_by: Its name and version.
    """

    def __init__(self) -> None:
        """Load the model."""
{% include "parts/load_torch.py" %}
        self.made_by = f"torch {torch.__version__}"

    def answer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the model answers to one instance, whose values have their original names."""
        with torch.inference_mode():
{{ m.row_call }}
{{ m.arrays }}
{{ m.row_answers }}
