"""What the transformers of a model say of its columns: numbers, categories, texts, gaps."""

from dataclasses import replace
from typing import Any

from ..pickles.inert import Array, Made, class_of, state_of
from .kinds import TEXT_READERS, first_below, is_booster, kind_of, steps_of
from .labels import NO_TEXT, Column, category_column, is_gap, values_of

# How many columns are looked at in all, in parts that share them.
MOST_LOOKS = 1_000_000
DEEPEST = 20
ENCODERS = ("OneHotEncoder", "OrdinalEncoder", "TargetEncoder")
IMPUTERS = ("IterativeImputer", "KNNImputer", "SimpleImputer")
# What a column is that two transformers read: what comes last here.
RANKS = ("double", "int64", "uint64", "bool", "enum", "string")

Columns = dict[int, Column]


class ColumnReader:
    """Finds out what the columns of a model are.

    `given` has the places of those that any part of the model gets.
    """

    def __init__(self, names: list[str]) -> None:
        """Read a model whose columns have these names, if they have any."""
        self.place_of = {name: place for place, name in enumerate(names)}
        self.given: set[int] = set()
        self.looks = 0
        self.depth = 0

    def read(self, model: object, places: list[int]) -> Columns:
        """What a model says of its columns, which are those at `places` of the whole.

        Raises:
            ValueError: If it has more parts than a model has.
        """
        if not isinstance(model, Made):
            self.given.update(places if model != "drop" else ())
            return {}
        self.looks += len(places) + 1
        if self.looks > MOST_LOOKS or self.depth > DEEPEST:
            raise ValueError("it has too many parts")
        self.depth += 1
        found = self._read(model, places)
        self.depth -= 1
        return found

    def _read(self, model: Made, places: list[int]) -> Columns:
        kind = kind_of(model)
        if kind == "Pipeline":
            return self._steps(model, places)
        if kind == "ColumnTransformer":
            return self._parts(model, places)
        if kind == "FeatureUnion":
            return self._together([part for _, part in model.state["transformer_list"]], places)
        if kind.startswith(("Stacking", "Voting")):
            return self._together(model.state["estimators_"], places)
        if kind.startswith("HistGradientBoosting"):
            return self._with_gaps(model, places)
        known = _own_columns(model, kind, places)
        below = first_below(model)
        if known or below is None:
            self.given.update(places)
            return known
        return self.read(below, places)

    def _with_gaps(self, model: Made, places: list[int]) -> Columns:
        """The columns of a model that takes gaps, some of which it may encode by itself."""
        self.given.update(places)
        found = dict.fromkeys(places, Column(default="nan"))
        for place, column in self.read(model.state.get("_preprocessor"), places).items():
            gap = {"double": "nan", "string": NO_TEXT}.get(column.type)
            found[place] = replace(column, default=gap)
        return found

    def _together(self, parts: list[object], places: list[int]) -> Columns:
        found: Columns = {}
        for part in parts:
            _merge(found, self.read(part, places))
        return found

    def _steps(self, model: Made, places: list[int]) -> Columns:
        found: Columns = {}
        steps = [step for step in steps_of(model) if not _is_identity(step)]
        for step in steps:
            for place, column in self.read(step, places).items():
                gap = found.get(place, Column()).default
                may_miss = gap and column.type == ("double" if gap == "nan" else "string")
                found[place] = replace(column, default=gap) if may_miss else column
            if not _keeps_columns(step):
                break
        return found

    def _parts(self, model: Made, places: list[int]) -> Columns:
        found: Columns = {}
        resolved = model.state.get("_transformer_to_input_indices") or {}
        for name, part, columns in model.state["transformers_"]:
            inside = self._inside(resolved.get(name, columns), len(places))
            _merge(found, self.read(part, [places[place] for place in inside]))
        return found

    def _inside(self, columns: object, count: int) -> list[int]:
        """The places that a choice of columns means: names, places, a mask or a slice."""
        if isinstance(columns, Made) and class_of(columns) == "builtins.slice":
            start, stop, step = columns.args
            last = self._place(stop) + 1 if isinstance(stop, str) else stop
            return list(range(count))[self._place(start) : last : step]
        chosen = [columns] if isinstance(columns, str | int) else values_of(columns) or []
        if chosen and all(type(each) is bool for each in chosen):
            return [place for place, is_chosen in enumerate(chosen) if is_chosen]
        return [range(count)[self._place(each)] for each in chosen]

    def _place(self, column: Any) -> Any:
        return self.place_of[column] if isinstance(column, str) else column


def _own_columns(model: Made, kind: str, places: list[int]) -> Columns:
    if kind in TEXT_READERS:
        return dict.fromkeys(places, Column("string"))
    if kind in ENCODERS:
        is_open = kind == "TargetEncoder" or model.state["handle_unknown"] != "error"
        columns = [
            replace(
                category_column(values_of(known), is_open),
                is_object=isinstance(known, Array) and known.dtype.kind == "O",
            )
            for known in values_of(model.state["categories_"]) or []
        ]
        return dict(zip(places, columns, strict=True))
    if kind in IMPUTERS:
        return dict.fromkeys(places, _imputed(model.state))
    if is_booster(model):
        return dict.fromkeys(places, Column(default="nan"))
    return {}


def _imputed(state: dict[str, Any]) -> Column:
    statistics, missing = state.get("statistics_"), state.get("missing_values")
    # None is no gap that a caller could send: frames and numbers have NaN in its place.
    fills = missing is not None and is_gap(missing)
    if isinstance(statistics, Array) and statistics.dtype.kind in "OU":
        return Column("string", default=NO_TEXT if fills else None)
    return Column(default="nan" if fills else None)


def _is_identity(step: object) -> bool:
    """Whether a step hands on what it gets."""
    return kind_of(step) == "FunctionTransformer" and state_of(step).get("func") is None


def _keeps_columns(step: object) -> bool:
    """Whether the columns that leave a step are those that enter it."""
    state = state_of(step)
    statistics = values_of(state.get("statistics_"))
    is_whole = statistics is not None and not any(map(is_gap, statistics))
    return kind_of(step) == "SimpleImputer" and is_whole and not state.get("add_indicator")


def _merge(found: Columns, more: Columns) -> None:
    for place, column in more.items():
        before = found.get(place)
        if before is None or _rank(column) > _rank(before):
            found[place] = column


def _rank(column: Column) -> tuple[int, bool]:
    return RANKS.index(column.type), column.default is None
