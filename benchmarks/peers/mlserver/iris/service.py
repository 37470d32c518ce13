"""MLServer: a custom runtime; the settings beside it turn batching on."""

import numpy as np
from bench_model import IrisModel
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Iris(MLModel):
    """Predicts batches."""

    async def load(self) -> bool:
        """Load the model."""
        self._model = IrisModel()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Predict a batch of rows."""
        rows = NumpyCodec.decode_input(payload.inputs[0])
        species, probabilities = self._model.predict(rows)
        return InferenceResponse(
            model_name=self.name,
            outputs=[
                NumpyCodec.encode_output("species", species.astype(np.int32).reshape(-1, 1)),
                NumpyCodec.encode_output("probabilities", probabilities),
            ],
        )
