"""What the model takes and returns: the table of its fields, and typed views of them."""

from dataclasses import dataclass
from typing import Literal, TypedDict, get_args

import numpy as np
from numpy.typing import NDArray

from .engine.fields import Label, Number, Schema, Tensor
from .v1 import service_pb2 as pb

SpeciesLabel = Literal["setosa", "versicolor", "virginica"]
SPECIES_LABELS: tuple[SpeciesLabel, ...] = get_args(SpeciesLabel)


class Instance(TypedDict):
    """What the model is asked about."""

    sepal_length: float
    sepal_width: float
    petal_length: float
    petal_width: float


@dataclass(frozen=True, slots=True)
class Inputs:
    """A batch of n instances, one column a field.

    Attributes:
        sepal_length: float32, shape (n,). Sepal length in cm. 0 to 30.
        sepal_width: float32, shape (n,). Sepal width in cm. 0 to 30.
        petal_length: float32, shape (n,). Petal length in cm. 0 to 30.
        petal_width: float32, shape (n,). Petal width in cm. 0 to 30.
    """

    sepal_length: NDArray[np.float32]
    sepal_width: NDArray[np.float32]
    petal_length: NDArray[np.float32]
    petal_width: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Outputs:
    """The predictions for a batch of n instances, one column a field.

    Attributes:
        species: int64, places in SPECIES_LABELS, shape (n,). Predicted species.
        probabilities: float32, shape (n, 3). Probability of each species, in the order of its
            labels.
    """

    species: NDArray[np.int64]
    probabilities: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The prediction for one instance, as the client returns it.

    Attributes:
        species: Predicted species.
        probabilities: float32, shape (3,). Probability of each species, in the order of its labels.
        model_version: The version of the model that answered.
    """

    species: SpeciesLabel
    probabilities: NDArray[np.float32]
    model_version: str


@dataclass(frozen=True, slots=True)
class Predictions:
    """The predictions for n instances, one column a field, as the client returns them.

    Attributes:
        species: Predicted species.
        probabilities: float32, shape (n, 3). Probability of each species, in the order of its
            labels.
        model_version: The version of the model that answered.
    """

    species: list[SpeciesLabel]
    probabilities: NDArray[np.float32]
    model_version: str


SCHEMA = Schema(
    name="Iris Classifier",
    description="Iris Classifier over gRPC",
    messages=pb,
    inputs=[
        Number("sepal_length", np.float32, low=0, high=30, about="Sepal length in cm."),
        Number("sepal_width", np.float32, low=0, high=30, about="Sepal width in cm."),
        Number("petal_length", np.float32, low=0, high=30, about="Petal length in cm."),
        Number("petal_width", np.float32, low=0, high=30, about="Petal width in cm."),
    ],
    outputs=[
        Label("species", SPECIES_LABELS, about="Predicted species."),
        Tensor(
            "probabilities",
            np.float32,
            (3,),
            about="Probability of each species, in the order of its labels.",
        ),
    ],
    Instance=Instance,
    Inputs=Inputs,
    Outputs=Outputs,
    Prediction=Prediction,
    Predictions=Predictions,
)
