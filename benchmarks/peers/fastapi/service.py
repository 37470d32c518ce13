"""FastAPI: typed requests and responses; the model is too quick for a trip to a thread."""

from io import BytesIO

import numpy as np
from bench_model import FEATURES, SPECIES, IrisModel
from bench_reductions import load
from fastapi import FastAPI, Request, Response
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


class Instances(BaseModel):
    """Many instances, one by one."""

    instances: list[Instance]


class Columns(BaseModel):
    """Many instances, as a column a feature."""

    sepal_length: list[float]
    sepal_width: list[float]
    petal_length: list[float]
    petal_width: list[float]


class Predictions(BaseModel):
    """The answers to many instances, as columns."""

    species: list[str]
    probabilities: list[list[float]]


@app.post("/rows")
async def predict_rows(request: Instances) -> list[Prediction]:
    """Predict many instances that came one by one."""
    rows = [[getattr(each, name) for name in FEATURES] for each in request.instances]
    return [Prediction.model_validate(answer) for answer in model.predict_json(rows)]


@app.post("/columns")
async def predict_columns(columns: Columns) -> Predictions:
    """Predict many instances that came as columns."""
    rows = np.array([getattr(columns, name) for name in FEATURES], np.float32).T
    places, probabilities = model.predict(rows)
    return Predictions(
        species=[SPECIES[place] for place in places.tolist()],
        probabilities=probabilities.tolist(),
    )


@app.post("/rows/numpy")
async def predict_numpy(request: Request) -> Response:
    """Predict many instances that came as np.save writes them; answer as np.savez does."""
    species, probabilities = model.predict(load(await request.body()))
    file = BytesIO()
    np.savez(file, species=species.astype(np.uint8), probabilities=probabilities)
    return Response(file.getvalue(), media_type="application/octet-stream")
