"""FastAPI with a tensor: nested lists in JSON, or the bytes that NumPy saves."""

import numpy as np
from bench_reductions import largest, load
from fastapi import FastAPI, Request
from pydantic import BaseModel

app = FastAPI()


class Tensor(BaseModel):
    """Channels, rows and columns."""

    values: list[list[list[float]]]


class Answer(BaseModel):
    """What the model answers."""

    largest: list[float]


@app.post("/tensor")
async def predict(tensor: Tensor) -> Answer:
    """Predict one instance that came as JSON."""
    values = np.array([tensor.values], np.float32)
    return Answer(largest=largest(values)[0].tolist())


@app.post("/tensor/numpy")
async def predict_numpy(request: Request) -> Answer:
    """Predict one instance that came as np.save writes it."""
    values = load(await request.body())
    return Answer(largest=largest(values[np.newaxis])[0].tolist())
