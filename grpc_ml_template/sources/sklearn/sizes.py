"""How many numbers a regressor or a transformer of scikit-learn gives for an instance."""

from collections.abc import Callable
from typing import Any

from ..pickles.inert import Array, Made, state_of
from .kinds import first_below, inner, kind_of, steps_of
from .labels import is_gap, values_of

DEEPEST = 10
AS_MANY = frozenset([
    "Binarizer", "MaxAbsScaler", "MinMaxScaler", "Normalizer", "OrdinalEncoder",
    "PowerTransformer", "QuantileTransformer", "RobustScaler", "StandardScaler",
    "TfidfTransformer",
])  # fmt: skip
# Attributes with the number itself, and arrays whose first or second dim it is.
NUMBERS = ("n_output_features_", "n_features_out_", "n_features_")
FIRST_DIMS = ("components_", "eigenvalues_", "lambdas_")
SECOND_DIMS = ("embedding_", "x_rotations_", "random_weights_")
# Arrays with a row or a column for each output, and which of them it is; not those of libsvm.
BY_OUTPUT = {"y_loadings_": 0, "coef_": 0, "dual_coef_": 1, "_y": 1, "y_train_": 1}
MACHINES = ("SVR", "NuSVR")
SETTINGS = ("n_components_", "n_components")


def output_count(model: object, depth: int = 0) -> int:
    """How many numbers a regressor predicts."""
    state = state_of(model)
    count = state.get("n_outputs_")
    if type(count) is int:
        return max(count, 1)
    for attribute, axis in BY_OUTPUT.items():
        found = state.get(attribute)
        if isinstance(found, Array) and len(found.shape) == 2 and kind_of(model) not in MACHINES:
            return max(found.shape[axis], 1)
    if kind_of(model) in ("MultiOutputRegressor", "RegressorChain"):
        return max(len(values_of(state.get("estimators_")) or []), 1)
    below = inner(model) or (first_below(model) if kind_of(model) == "BaggingRegressor" else None)
    return output_count(below, depth + 1) if below is not None and depth < DEEPEST else 1


def output_width(model: object, depth: int = 0) -> int | None:
    """How many numbers a transformer gives; None if it does not say."""
    state, kind = state_of(model), kind_of(model)
    if depth > DEEPEST:
        return None
    steps = steps_of(model)
    if steps or kind == "RandomTreesEmbedding":
        return output_width(steps[-1] if steps else state.get("one_hot_encoder_"), depth + 1)
    if kind in WIDTHS:
        return WIDTHS[kind](state)
    if kind in AS_MANY:
        return _number(state.get("n_features_in_"))
    found = [_number(state.get(name)) for name in NUMBERS]
    found += [_dim(state.get(name), 0) for name in FIRST_DIMS]
    found += [_dim(state.get(name), 1) for name in SECOND_DIMS]
    found += [_number(state.get(name)) for name in SETTINGS]
    return next((size for size in found if size), None)


def _number(value: object) -> int | None:
    return value if type(value) is int and 0 < value < 1 << 40 else None


def _dim(value: object, axis: int) -> int | None:
    if not isinstance(value, Array) or len(value.shape) <= axis:
        return None
    return value.shape[axis] or None


def _all(sizes: list[int | None]) -> int | None:
    known = [size for size in sizes if size is not None]
    return sum(known) or None if len(known) == len(sizes) else None


def _encoded(state: dict[str, Any]) -> int | None:
    sizes = values_of(state.get("_n_features_outs"))
    return _all([_number(size) for size in sizes]) if sizes else None


def _words(state: dict[str, Any]) -> int | None:
    return len(state["vocabulary_"]) or None if isinstance(state.get("vocabulary_"), dict) else None


def _bins(state: dict[str, Any]) -> int | None:
    if state.get("encode") == "ordinal":
        return _number(state.get("n_features_in_"))
    return _all([_number(size) for size in values_of(state.get("n_bins_")) or []])


def _imputed(state: dict[str, Any]) -> int | None:
    statistics = values_of(state.get("statistics_"))
    if statistics is None or state.get("add_indicator"):
        return None
    dropped = 0 if state.get("keep_empty_features") else sum(map(is_gap, statistics))
    return len(statistics) - dropped or None


def _columns(state: dict[str, Any]) -> int | None:
    slices = state.get("output_indices_")
    stops = [part.args[1] for part in slices.values()] if isinstance(slices, dict) else []
    return max(map(int, stops), default=0) or None


def _union(state: dict[str, Any]) -> int | None:
    parts = [part for _, part in state["transformer_list"]]
    if any(not isinstance(part, Made) and part != "drop" for part in parts) or len(parts) > 100:
        return None
    return _all([output_width(part, DEEPEST - 1) for part in parts if isinstance(part, Made)])


def _chosen(state: dict[str, Any]) -> int | None:
    mask = values_of(state.get("support_"))
    return sum(map(bool, mask)) or None if mask else None


WIDTHS: dict[str, Callable[[dict[str, Any]], int | None]] = {
    "ColumnTransformer": _columns,
    "CountVectorizer": _words,
    "FeatureUnion": _union,
    "FunctionTransformer": lambda state: None,
    "HashingVectorizer": lambda state: _number(state.get("n_features")),
    "KBinsDiscretizer": _bins,
    "OneHotEncoder": _encoded,
    "SequentialFeatureSelector": _chosen,
    "SimpleImputer": _imputed,
    "TargetEncoder": lambda state: None,
    "TfidfVectorizer": _words,
}
