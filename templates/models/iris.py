"""The model. This is the file to edit; nothing in it knows of gRPC."""

import numpy as np
import onnxruntime

from .engine.models.files import model_path
from .schema import Inputs, Outputs

MODEL_FILE = model_path(__file__, "model.onnx")


class Model:
    """A logistic regression trained on Fisher's iris data, run by ONNX Runtime.

    Attributes:
        version: Identifies the trained model; sent with every prediction.
        runtime: What runs it, with version.
    """

    def __init__(self) -> None:
        """Load the model, once."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # More threads only slow so small a model down.
        self._session = onnxruntime.InferenceSession(MODEL_FILE, options)
        self.version = str(self._session.get_modelmeta().version)
        self.runtime = f"onnxruntime {onnxruntime.__version__}"

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch of n instances."""
        features = np.stack(
            [
                inputs.sepal_length,
                inputs.sepal_width,
                inputs.petal_length,
                inputs.petal_width,
            ],
            axis=1,
        )
        species, probabilities = self._session.run(None, {"features": features})
        return Outputs(species=species, probabilities=probabilities)
