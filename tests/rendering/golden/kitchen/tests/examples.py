"""What goes into the model and comes out of it, in the tests."""

import io
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kitchen.schema import Inputs, Instance, Outputs, Prediction, Predictions


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return pixels as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


# Two instances that are valid, and the same as columns.
INSTANCE: Instance = {
    "age": 60,
    "height": 1.3,
    "weight": 0.5,
    "small": 1,
    "flag": True,
    "opt_flag": True,
    "name": "some text",
    "nick": "some text",
    "blob": b"some text",
    "optblob": b"some text",
    "kind": "a",
    "colour": "red",
    "vec": np.linspace(0.0, 0.5, 3, dtype=np.float32),
    "mat": np.linspace(0.5, 1.5, 6, dtype=np.float64).reshape((2, 3)),
    "words": np.full(2, "some text", np.object_),
    "tokens": np.full(2, 1, np.int64),
    "seq": np.linspace(0.5, 1.5, 9, dtype=np.float32).reshape((3, 3)),
    "ragged": np.linspace(0.5, 0.75, 6, dtype=np.float32).reshape((2, 3)),
    "strs": np.full(2, "some text", np.object_),
    "photo": png(np.full((8, 8, 3), 96, np.uint8)),
    "free": png(np.full((2, 3, 3), 96, np.uint8)),
    "mask": np.full(4, True, np.bool_),
    "pix": np.full((2, 2), 1, np.uint8),
    "big": 1,
}
OTHER: Instance = {
    "age": 0,
    "height": 1.9,
    "weight": 1.5,
    "small": 2,
    "flag": False,
    "opt_flag": False,
    "name": "another text",
    "nick": "another text",
    "blob": b"another text",
    "optblob": b"another text",
    "kind": "b c",
    "colour": "green",
    "vec": np.full(3, 0.5, np.float32),
    "mat": np.full((2, 3), 1.5, np.float64),
    "words": np.full(2, "another text", np.object_),
    "tokens": np.full(3, 2, np.int64),
    "seq": np.full((3, 4), 1.5, np.float32),
    "ragged": np.full((3, 4), 0.75, np.float32),
    "strs": np.full(3, "another text", np.object_),
    "photo": png(np.full((8, 8, 3), 160, np.uint8)),
    "free": png(np.full((3, 4, 3), 160, np.uint8)),
    "mask": np.full(4, False, np.bool_),
    "pix": np.full((2, 2), 2, np.uint8),
    "big": 2,
}
COLUMNS = {name: [INSTANCE.get(name), OTHER.get(name)] for name in INSTANCE}

# What the model sees of INSTANCE.
INPUTS = Inputs(
    age=np.full(1, 60, np.int32),
    height=np.full(1, 1.3, np.float32),
    weight=np.full(1, 0.5, np.float16),
    small=np.full(1, 1, np.int8),
    flag=np.full(1, True, np.bool_),
    opt_flag=np.full(1, True, np.bool_),
    name=np.full(1, "some text", np.object_),
    nick=np.full(1, "some text", np.object_),
    blob=np.full(1, b"some text", np.object_),
    optblob=np.full(1, b"some text", np.object_),
    kind=np.array([0]),
    colour=np.array([0]),
    vec=np.linspace(0.0, 0.5, 3, dtype=np.float32).reshape((1, 3)),
    mat=np.linspace(0.5, 1.5, 6, dtype=np.float64).reshape((1, 2, 3)),
    words=np.full((1, 2), "some text", np.object_),
    tokens=np.full((1, 2), 1, np.int64),
    seq=np.linspace(0.5, 1.5, 9, dtype=np.float32).reshape((1, 3, 3)),
    ragged=np.linspace(0.5, 0.75, 6, dtype=np.float32).reshape((1, 2, 3)),
    strs=np.full((1, 2), "some text", np.object_),
    photo=np.full((1, 8, 8, 3), 96, np.uint8),
    free=np.full((1, 2, 3, 3), 96, np.uint8),
    mask=np.full((1, 4), True, np.bool_),
    pix=np.full((1, 2, 2), 1, np.uint8),
    big=np.full(1, 1, np.uint64),
)

# What a model may answer to the two, and what the caller gets of the answer to INSTANCE.
OUTPUTS = Outputs(
    y=np.array([0.5, 1.5], np.float32),
    label=np.array([0, 1]),
    kind=np.array([0, 1]),
    note=np.array(["some text", "another text"], np.object_),
    raw=np.array([b"some text", b"another text"], np.object_),
    n=np.array([1, 2], np.int32),
    ok=np.array([True, False], np.bool_),
    probs=np.stack([np.linspace(0.5, 1.5, 3, dtype=np.float32), np.full(3, 1.5, np.float32)]),
    words=np.stack([np.full(2, "some text", np.object_), np.full(2, "another text", np.object_)]),
    boxes=[
        np.linspace(0.5, 1.5, 8, dtype=np.float32).reshape((2, 4)),
        np.full((3, 4), 1.5, np.float32),
    ],
    dense=[
        np.linspace(0.5, 1.5, 6, dtype=np.float64).reshape((2, 3)),
        np.full((3, 4), 1.5, np.float64),
    ],
    texts=[np.full(2, "some text", np.object_), np.full(3, "another text", np.object_)],
    pic=[np.full((2, 3, 3), 96, np.uint8), np.full((3, 4, 3), 160, np.uint8)],
    thumb=np.stack([np.full((4, 4, 1), 96, np.uint8), np.full((4, 4, 1), 160, np.uint8)]),
)
PREDICTION = Prediction(
    y=0.5,
    label="x",
    kind="p",
    note="some text",
    raw=b"some text",
    n=1,
    ok=True,
    probs=np.linspace(0.5, 1.5, 3, dtype=np.float32),
    words=np.full(2, "some text", np.object_),
    boxes=np.linspace(0.5, 1.5, 8, dtype=np.float32).reshape((2, 4)),
    dense=np.linspace(0.5, 1.5, 6, dtype=np.float64).reshape((2, 3)),
    texts=np.full(2, "some text", np.object_),
    pic=png(np.full((2, 3, 3), 96, np.uint8)),
    thumb=png(np.full((4, 4), 96, np.uint8)),
    model_version="1.2.3",
)


def assert_same(prediction: object, expected: Prediction) -> None:
    """Check that predictions are equal, but for the rounding of floats."""
    assert isinstance(prediction, Prediction)
    for field in fields(Prediction):
        actual, wanted = getattr(prediction, field.name), getattr(expected, field.name)
        if np.asarray(wanted).dtype.kind == "f":
            np.testing.assert_allclose(actual, wanted, rtol=1e-5, err_msg=field.name)
        else:
            np.testing.assert_array_equal(actual, wanted, err_msg=field.name)


def one_by_one(predictions: Predictions) -> list[Prediction]:
    """Return the rows of predictions that came as columns."""
    names = [field.name for field in fields(Prediction) if field.name != "model_version"]
    rows = zip(*(getattr(predictions, name) for name in names), strict=True)
    values = [dict(zip(names, row, strict=True)) for row in rows]
    return [Prediction(**row, model_version=predictions.model_version) for row in values]
