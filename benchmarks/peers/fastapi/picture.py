"""FastAPI with a picture: its bytes, or base64 in JSON."""

import base64

import numpy as np
from bench_reductions import brightness, decode
from fastapi import FastAPI, Request
from pydantic import BaseModel

app = FastAPI()


class Picture(BaseModel):
    """A file of pixels, in base64."""

    picture: str


class Answer(BaseModel):
    """What the model answers."""

    brightness: list[float]


@app.post("/picture")
async def predict(request: Request) -> Answer:
    """Predict one picture that came as the body."""
    return answer(await request.body())


@app.post("/picture/base64")
async def predict_base64(picture: Picture) -> Answer:
    """Predict one picture that came in JSON."""
    return answer(base64.b64decode(picture.picture))


def answer(data: bytes) -> Answer:
    """Return the answer to one picture."""
    return Answer(brightness=brightness(decode(data)[np.newaxis])[0].tolist())
