"""BentoML: one worker that batches adaptively, and no access log."""

import bentoml
from bench_model import FEATURES, IrisModel
from pydantic import BaseModel


class Instance(BaseModel):
    """What the model is asked about."""

    sepal_length: float
    sepal_width: float
    petal_length: float
    petal_width: float


class Prediction(BaseModel):
    """What the model answers."""

    species: str
    probabilities: list[float]


@bentoml.service(
    workers=1, traffic={"timeout": 60, "concurrency": 64}, logging={"access": {"enabled": False}}
)
class Iris:
    """Predicts batches."""

    def __init__(self) -> None:
        """Load the model."""
        self._model = IrisModel()

    @bentoml.api(batchable=True, max_batch_size=64, max_latency_ms=1000)
    def predict(self, instances: list[Instance]) -> list[Prediction]:
        """Predict a batch of instances."""
        rows = [[getattr(instance, name) for name in FEATURES] for instance in instances]
        return [Prediction.model_validate(answer) for answer in self._model.predict_json(rows)]
