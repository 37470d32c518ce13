"""FastAPI: a typed request and response; the model is too quick for a trip to a thread."""

from bench_model import FEATURES, IrisModel
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = IrisModel()


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


@app.post("/predict")
async def predict(instance: Instance) -> Prediction:
    """Predict one instance."""
    row = [getattr(instance, name) for name in FEATURES]
    return Prediction.model_validate(model.predict_json([row])[0])
