"""MLServer with a tensor: a custom runtime, and no batching, which copies large inputs."""

from bench_reductions import largest
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Tensor(MLModel):
    """Predicts what comes in one request."""

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Predict a batch of tensors."""
        tensors = NumpyCodec.decode_input(payload.inputs[0])
        answer = NumpyCodec.encode_output("largest", largest(tensors))
        return InferenceResponse(model_name=self.name, outputs=[answer])
