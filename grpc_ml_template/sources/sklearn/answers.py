"""The outputs of a model of scikit-learn, and the methods that give them."""

from dataclasses import dataclass
from typing import Any

from ...language.errors import shown
from ..common.opening import SourceError
from ..common.signature import Part
from ..pickles.inert import Array, class_of, state_of
from .kinds import (
    CLUSTERERS,
    MIXTURES,
    OUTLIER_DETECTORS,
    TRANSFORMERS,
    first_below,
    inner,
    is_booster,
    is_classifier,
    is_own,
    is_regressor,
    kind_of,
)  # fmt: skip
from .labels import are_labels, values_of
from .sizes import output_count, output_width

MOST_OUTPUTS = 500
# They tell classes, and no probabilities of them.
NO_PROBABILITIES = frozenset([
    "LinearSVC", "OneVsOneClassifier", "OutputCodeClassifier", "PassiveAggressiveClassifier",
    "Perceptron", "RidgeClassifier", "RidgeClassifierCV",
])  # fmt: skip
# They have probabilities if the estimator below them has.
AS_BELOW = frozenset([
    "ClassifierChain", "FixedThresholdClassifier", "MultiOutputClassifier",
    "OneVsRestClassifier", "RFE", "RFECV", "SelfTrainingClassifier",
    "TunedThresholdClassifierCV",
])  # fmt: skip
LOSSES_WITH_PROBABILITIES = ("log", "log_loss", "modified_huber")
TYPES = {str: "str", bool: "bool", int: "int", float: "float"}


@dataclass(frozen=True)
class Answer:
    """An output, and how to get it.

    Attributes:
        part: The field.
        method: What is called.
        place: Which column of the answer it is, or which array of a list of them; None for all.
        labels: What the model has for labels: `str`, `int`, `float` or `bool`.
    """

    part: Part
    method: str
    place: int | None = None
    labels: str | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What the page has to know of it."""
        return {"method": self.method, "place": self.place, "labels": self.labels}


def read_answers(model: object) -> list[Answer]:
    """What a model answers.

    Raises:
        SourceError: If that cannot be told, or it answers nothing for new data.
    """
    last = answering(model)
    kind = kind_of(last)
    if is_classifier(last):
        return _classes(last)
    if is_regressor(last):
        count = output_count(last)
        return [Answer(Part("prediction", "double", None if count == 1 else (count,)), "predict")]
    if not is_own(last):
        raise SourceError(
            f"it ends with a {shown(class_of(last))}, whose answers cannot be told from outside",
            "answer the schema by hand and load the model in model.py",
        )
    if kind in OUTLIER_DETECTORS:
        if kind == "LocalOutlierFactor" and not state_of(last).get("novelty"):
            raise SourceError(
                "this LocalOutlierFactor cannot judge new data", "make it with novelty=True"
            )
        return [
            Answer(Part("inlier", "bool"), "predict"),
            Answer(Part("score", "double"), "decision_function"),
        ]
    if kind in CLUSTERERS | MIXTURES:
        return _clusters(last, kind)
    if kind == "KernelDensity":
        return [Answer(Part("score", "double"), "score_samples")]
    if kind in TRANSFORMERS:
        return [Answer(Part("output", "double", (output_width(last),)), "transform")]
    raise SourceError(
        f"{kind} has no answer for data that it was not fitted on",
        "save a model that has predict or transform",
    )


def answering(model: object) -> object:
    """The estimator that makes the answers of a model."""
    for _ in range(20):
        below = inner(model)
        if below is None:
            return model
        model = below
    return model


def _clusters(model: object, kind: str) -> list[Answer]:
    answers = [Answer(Part("cluster", "int32"), "predict")]
    weights = state_of(model).get("weights_")
    if kind in MIXTURES and isinstance(weights, Array):
        part = Part("probabilities", "double", weights.shape)
        answers.append(Answer(part, "predict_proba"))
    return answers


def _classes(model: object) -> list[Answer]:
    found = classes_of(model)
    has_probabilities = tells_probabilities(model)
    if found is None:
        raise SourceError(
            f"the classes of its {kind_of(model)} are not in the file",
            "call its fit, and save it again",
        )
    several = len(found) > 0 and isinstance(found[0], list)
    if not several and is_multilabel(model):
        return _multilabel(len(found), has_probabilities)
    if not several:
        return _label("", None, found, has_probabilities)
    if len(found) > MOST_OUTPUTS:
        raise SourceError(f"it has more than {MOST_OUTPUTS} outputs", "save a model for some")
    is_chain = kind_of(model) == "ClassifierChain"
    if is_chain and all(_is_binary(each) for each in found):
        return _multilabel(len(found), has_probabilities)
    answers: list[Answer] = []
    for place, each in enumerate(found):
        answers += _label(f"_{place}", place, each, has_probabilities and not is_chain)
    return answers


def _is_binary(classes: object) -> bool:
    return classes in ([0, 1], [False, True])


def _multilabel(count: int, has_probabilities: bool) -> list[Answer]:
    answers = [Answer(Part("labels", "bool", (count,)), "predict")]
    if has_probabilities:
        answers.append(Answer(Part("probabilities", "double", (count,)), "predict_proba"))
    return answers


def _label(
    end: str, place: int | None, classes: list[Any], has_probabilities: bool
) -> list[Answer]:
    name, texts = f"label{end}", tuple(str(value) for value in classes)
    kinds = {TYPES.get(type(value), "") for value in classes}
    if "" in kinds:
        raise SourceError("its classes are neither texts nor numbers", "fit it with such ones")
    labels = kinds.pop() if len(kinds) == 1 else "str"
    is_enum = are_labels(texts)
    part = Part(name, "int64" if labels == "int" else "string")
    if is_enum:
        part = Part(name, "enum", labels=texts)
    answers = [Answer(part, "predict", place, labels)]
    if has_probabilities:
        vector = Part(
            f"probabilities{end}", "double", None if is_enum else (len(texts),),
            labels_of=name if is_enum else "",
        )  # fmt: skip
        answers.append(Answer(vector, "predict_proba", place, labels))
    return answers


def classes_of(model: object, depth: int = 0) -> list[Any] | None:
    """The classes that a classifier tells: a list, or a list of lists for several outputs."""
    state = state_of(model)
    for found in (state.get("classes_"), state.get("_classes"), _binarized(state)):
        values = values_of(found)
        if values is not None:
            inside = [values_of(value) for value in values]
            return [each for each in inside if each is not None] or values
    count = state.get("n_classes_")
    if type(count) is int and 0 < count < 1_000_000 and is_booster(model):
        return list(range(count))
    below = first_below(model)
    return classes_of(below, depth + 1) if below is not None and depth < 10 else None


def _binarized(state: dict[str, Any]) -> object:
    for attribute in ("label_binarizer_", "_label_binarizer", "_le", "le_", "_label_encoder"):
        found = state_of(state.get(attribute)).get("classes_")
        if found is not None:
            return found
    return None


def is_multilabel(model: object) -> bool:
    """Whether each instance has any number of the classes."""
    for attribute in ("label_binarizer_", "_label_binarizer"):
        kind = state_of(state_of(model).get(attribute)).get("y_type_", "")
        if isinstance(kind, str) and kind.startswith("multilabel"):
            return True
    return False


def tells_probabilities(model: object, depth: int = 0) -> bool:
    """Whether a classifier has `predict_proba`."""
    state, kind = state_of(model), kind_of(model)
    if not is_classifier(model) and not inner(model):
        return False
    below = state.get("final_estimator_") if kind == "StackingClassifier" else inner(model)
    if kind in AS_BELOW:
        below = first_below(model)
    if below is not None:
        return depth < 10 and tells_probabilities(below, depth + 1)
    if kind in ("SVC", "NuSVC"):
        return state.get("probability") is True
    if kind == "SGDClassifier":
        return state.get("loss") in LOSSES_WITH_PROBABILITIES
    if kind == "VotingClassifier":
        return state.get("voting") == "soft"
    if kind == "NearestCentroid":
        return "class_prior_" in state and state.get("metric") == "euclidean"
    return kind not in NO_PROBABILITIES
