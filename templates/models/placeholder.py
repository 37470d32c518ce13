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
        n = len(inputs.{{ s.inputs[0].name }})
        return Outputs(
{% for field in s.outputs %}
{{ field.placeholder }}
{% endfor %}
        )
