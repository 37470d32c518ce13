"""What the model takes and returns: the table of its fields, and typed views of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NotRequired, TypedDict, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .engine.fields import (
    Data,
    Flag,
    Image,
    Label,
    LabelVector,
    Number,
    Schema,
    Tensor,
    Text,
    VaryingTensor,
)
from .v1 import service_pb2 as pb

KindLabel = Literal["a", "b c", "ü/ö"]
KIND_LABELS: tuple[KindLabel, ...] = get_args(KindLabel)

ColourLabel = Literal["red", "green"]
COLOUR_LABELS: tuple[ColourLabel, ...] = get_args(ColourLabel)

LabelLabel = Literal["x", "y", "z z"]
LABEL_LABELS: tuple[LabelLabel, ...] = get_args(LabelLabel)

KindLabelLabel = Literal["p", "q"]
KIND_LABEL_LABELS: tuple[KindLabelLabel, ...] = get_args(KindLabelLabel)


class Instance(TypedDict):
    """What the model is asked about.

    Attributes:
        age: Age in years. 0 to 120. Default: 30.
        height: Height in m. 0.1 to 2.5.
        weight: Default: nan.
        small: An int.
        flag: A bool.
        opt_flag: Default: true.
        name: Full "name" */ {{ 7*7 }}.
        nick: Default: it's.
        blob: A bytes.
        optblob: Default: a'b"c.
        kind: Default: a.
        colour: A ColourLabel.
        vec: Float32 of shape (3,). -1 to 1.
        mat: Float64 of shape (2, 3). Default: 0.5.
        words: Str objects of shape (2,).
        tokens: Int64 of shape (?,). At least 0.
        seq: Float32 of shape (3, ?).
        ragged: Float32 of shape (?, ?). 0 to 1.
        strs: Str objects of shape (?,).
        photo: A PNG, JPEG or WebP file of 8 x 8 pixels, RGB.
        free: A PNG, JPEG or WebP file, RGB.
        mask: Bool of shape (4,).
        pix: Uint8 of shape (2, 2).
        big: An int.
        prior: A value for each of KIND_LABELS. 0 to 1. Default: 0.5.
    """

    age: NotRequired[int | None]
    height: float
    weight: NotRequired[float | None]
    small: int
    flag: bool
    opt_flag: NotRequired[bool | None]
    name: str
    nick: NotRequired[str | None]
    blob: bytes
    optblob: NotRequired[bytes | None]
    kind: NotRequired[KindLabel | None]
    colour: ColourLabel
    vec: ArrayLike
    mat: NotRequired[ArrayLike | None]
    words: ArrayLike
    tokens: ArrayLike
    seq: ArrayLike
    ragged: ArrayLike
    strs: ArrayLike
    photo: bytes
    free: bytes
    mask: ArrayLike
    pix: ArrayLike
    big: int
    prior: NotRequired[Mapping[KindLabel, float] | None]


@dataclass(frozen=True, slots=True)
class Inputs:
    """A batch of n instances, one column a field.

    Attributes:
        age: int32, shape (n,). Age in years. 0 to 120. Default: 30.
        height: float32, shape (n,). Height in m. 0.1 to 2.5.
        weight: float16, shape (n,). Default: nan.
        small: int8, shape (n,).
        flag: bool, shape (n,).
        opt_flag: bool, shape (n,). Default: true.
        name: str objects, shape (n,). Full "name" */ {{ 7*7 }}.
        nick: str objects, shape (n,). Default: it's.
        blob: bytes objects, shape (n,).
        optblob: bytes objects, shape (n,). Default: a'b"c.
        kind: int64, places in KIND_LABELS, shape (n,). Default: a.
        colour: int64, places in COLOUR_LABELS, shape (n,).
        vec: float32, shape (n, 3). -1 to 1.
        mat: float64, shape (n, 2, 3). Default: 0.5.
        words: str objects, shape (n, 2).
        tokens: int64, shape (n, ?). At least 0.
        seq: float32, shape (n, 3, ?).
        ragged: float32, shape (n, ?, ?). 0 to 1.
        strs: str objects, shape (n, ?).
        photo: uint8, shape (n, 8, 8, 3).
        free: uint8, shape (n, ?, ?, 3).
        mask: bool, shape (n, 4).
        pix: uint8, shape (n, 2, 2).
        big: uint64, shape (n,).
        prior: float32, shape (n, 3), the last axis in the order of KIND_LABELS. 0 to 1. Default:
            0.5.
    """

    age: NDArray[np.int32]
    height: NDArray[np.float32]
    weight: NDArray[np.float16]
    small: NDArray[np.int8]
    flag: NDArray[np.bool_]
    opt_flag: NDArray[np.bool_]
    name: NDArray[np.object_]
    nick: NDArray[np.object_]
    blob: NDArray[np.object_]
    optblob: NDArray[np.object_]
    kind: NDArray[np.int64]
    colour: NDArray[np.int64]
    vec: NDArray[np.float32]
    mat: NDArray[np.float64]
    words: NDArray[np.object_]
    tokens: NDArray[np.int64]
    seq: NDArray[np.float32]
    ragged: NDArray[np.float32]
    strs: NDArray[np.object_]
    photo: NDArray[np.uint8]
    free: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    pix: NDArray[np.uint8]
    big: NDArray[np.uint64]
    prior: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Outputs:
    """The predictions for a batch of n instances, one column a field.

    Attributes:
        y: float32, shape (n,). Score.
        label: int64, places in LABEL_LABELS, shape (n,). Kind \\ of.
        kind: int64, places in KIND_LABEL_LABELS, shape (n,).
        note: str objects, shape (n,).
        raw: bytes objects, shape (n,).
        n: int32, shape (n,).
        ok: bool, shape (n,).
        probs: float32, shape (n, 3).
        words: str objects, shape (n, 2).
        boxes: n arrays of float32, shape (?, 4).
        dense: n arrays of float64, shape (?, ?).
        texts: n arrays of str objects, shape (?,).
        pic: n arrays of uint8, shape (?, ?, 3).
        thumb: uint8, shape (n, 4, 4, 1).
        scores: float32, shape (n, 3), the last axis in the order of LABEL_LABELS.
    """

    y: NDArray[np.float32]
    label: NDArray[np.int64]
    kind: NDArray[np.int64]
    note: NDArray[np.object_]
    raw: NDArray[np.object_]
    n: NDArray[np.int32]
    ok: NDArray[np.bool_]
    probs: NDArray[np.float32]
    words: NDArray[np.object_]
    boxes: Sequence[NDArray[np.float32]]
    dense: Sequence[NDArray[np.float64]]
    texts: Sequence[NDArray[np.object_]]
    pic: Sequence[NDArray[np.uint8]]
    thumb: NDArray[np.uint8]
    scores: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The prediction for one instance, as the client returns it.

    Attributes:
        y: Score.
        label: Kind \\ of.
        kind: The label.
        note: A str.
        raw: A bytes.
        n: An int.
        ok: A bool.
        probs: float32, shape (3,).
        words: str objects, shape (2,).
        boxes: float32, shape (?, 4).
        dense: float64, shape (?, ?).
        texts: str objects, shape (?,).
        pic: PNG file.
        thumb: PNG file.
        scores: A value for each of LABEL_LABELS.
        model_version: The version of the model that answered.
    """

    y: float
    label: LabelLabel
    kind: KindLabelLabel
    note: str
    raw: bytes
    n: int
    ok: bool
    probs: NDArray[np.float32]
    words: NDArray[np.object_]
    boxes: NDArray[np.float32]
    dense: NDArray[np.float64]
    texts: NDArray[np.object_]
    pic: bytes
    thumb: bytes
    scores: dict[LabelLabel, float]
    model_version: str


@dataclass(frozen=True, slots=True)
class Predictions:
    """The predictions for n instances, one column a field, as the client returns them.

    Attributes:
        y: Score.
        label: Kind \\ of.
        kind: The label.
        note: str objects, one an instance.
        raw: bytes objects, one an instance.
        n: int32, shape (n,).
        ok: bool, shape (n,).
        probs: float32, shape (n, 3).
        words: str objects, shape (n, 2).
        boxes: n arrays of float32, shape (?, 4).
        dense: n arrays of float64, shape (?, ?).
        texts: n arrays of str objects, shape (?,).
        pic: PNG file.
        thumb: PNG file.
        scores: A value for each of LABEL_LABELS.
        model_version: The version of the model that answered.
    """

    y: NDArray[np.float32]
    label: list[LabelLabel]
    kind: list[KindLabelLabel]
    note: list[str]
    raw: list[bytes]
    n: NDArray[np.int32]
    ok: NDArray[np.bool_]
    probs: NDArray[np.float32]
    words: NDArray[np.object_]
    boxes: list[NDArray[np.float32]]
    dense: list[NDArray[np.float64]]
    texts: list[NDArray[np.object_]]
    pic: list[bytes]
    thumb: list[bytes]
    scores: list[dict[LabelLabel, float]]
    model_version: str


SCHEMA = Schema(
    name="Kitchen",
    description="Kitchen over gRPC",
    messages=pb,
    inputs=[
        Number("age", np.int32, low=0, high=120, default=30, about="Age in years."),
        Number("height", np.float32, low=0.1, high=2.5, about="Height in m."),
        Number("weight", np.float16, default=np.nan),
        Number("small", np.int8),
        Flag("flag"),
        Flag("opt_flag", default=True),
        Text("name", about='Full "name" */ {{ 7*7 }}.'),
        Text("nick", default="it's"),
        Data("blob"),
        Data("optblob", default=b"a'b\"c"),
        Label("kind", KIND_LABELS, default="a"),
        Label("colour", COLOUR_LABELS),
        Tensor("vec", np.float32, (3,), low=-1, high=1),
        Tensor("mat", np.float64, (2, 3), default=0.5),
        Tensor("words", str, (2,)),
        VaryingTensor("tokens", np.int64, (None,), low=0),
        VaryingTensor("seq", np.float32, (3, None)),
        VaryingTensor("ragged", np.float32, (None, None), low=0, high=1),
        VaryingTensor("strs", str, (None,)),
        Image("photo", channels=3, size=(8, 8)),
        Image("free", channels=3),
        Tensor("mask", np.bool_, (4,)),
        Tensor("pix", np.uint8, (2, 2)),
        Number("big", np.uint64),
        LabelVector("prior", np.float32, KIND_LABELS, low=0, high=1, default=0.5),
    ],
    outputs=[
        Number("y", np.float32, about="Score."),
        Label("label", LABEL_LABELS, about="Kind \\ of."),
        Label("kind", KIND_LABEL_LABELS),
        Text("note"),
        Data("raw"),
        Number("n", np.int32),
        Flag("ok"),
        Tensor("probs", np.float32, (3,)),
        Tensor("words", str, (2,)),
        VaryingTensor("boxes", np.float32, (None, 4)),
        VaryingTensor("dense", np.float64, (None, None)),
        VaryingTensor("texts", str, (None,)),
        Image("pic", channels=3),
        Image("thumb", channels=1, size=(4, 4)),
        LabelVector("scores", np.float32, LABEL_LABELS),
    ],
    Instance=Instance,
    Inputs=Inputs,
    Outputs=Outputs,
    Prediction=Prediction,
    Predictions=Predictions,
)
