"""The inputs of a model of scikit-learn."""

from collections.abc import Sequence
from typing import NamedTuple

from ...language.characters import refused_character
from ...language.parser import MOST_FIELDS
from ..common.opening import SourceError
from ..common.signature import Part
from ..pickles.inert import state_of
from .kinds import TEXT_READERS, kind_of, through
from .labels import Column, values_of
from .transformers import ColumnReader

MOST_COLUMNS = 500_000
NUMBERS = {"double", "int64", "uint64", "bool"}


class Inputs(NamedTuple):
    """The inputs of a model.

    Attributes:
        parts: The fields.
        takes: As what the model takes them: a frame, an array, columns or texts.
        objects: The columns of numbers that have to be objects in a frame.
    """

    parts: tuple[Part, ...]
    takes: str
    objects: tuple[str, ...] = ()


def read_inputs(model: object) -> Inputs:
    """The inputs of a model."""
    if reads_texts(model):
        return Inputs((Part("text", "string"),), "texts")
    names = column_names(model)
    size = len(names) if names else column_count(model)
    reader = ColumnReader(names or [])
    known = reader.read(model, list(range(size or 0)))
    is_plain = all(column.type == "double" for column in known.values())
    unused = set(range(size or 0)) - reader.given
    if names and (len(names) <= MOST_FIELDS or unused or not is_plain):
        used = [name for place, name in enumerate(names) if place not in unused] or names
        columns = {name: known.get(reader.place_of[name], Column()) for name in used}
        parts = tuple(_part(name, column) for name, column in columns.items())
        objects = [n for n, each in columns.items() if each.is_object and each.type in NUMBERS]
        return Inputs(parts, "frame", tuple(objects))
    if size and not is_plain:
        cells = tuple(_part(str(at), known.get(at, Column())) for at in range(size))
        return Inputs(cells, "columns")
    may_miss = size and len(known) == size and all(each.default for each in known.values())
    default = "nan" if may_miss else None
    return Inputs((Part("features", "double", (size,), default=default),), "array")


def _part(name: str, column: Column) -> Part:
    return Part(
        name,
        column.type,
        labels=column.labels,
        default=column.default,
        about=column.about,
        known=column.known,
    )


def reads_texts(model: object) -> bool:
    """Whether a model takes one text an instance."""
    for each in through(model):
        if kind_of(each) in TEXT_READERS:
            return True
        if kind_of(each) in ("DictVectorizer", "FeatureHasher"):
            raise SourceError(
                f"its {kind_of(each)} takes dicts, for which there is no field",
                "fit a model on a DataFrame, with a OneHotEncoder, and save that",
            )
    return False


def column_names(model: object) -> list[str] | None:
    """The names of the columns that a model was fitted with; None if it saw an array."""
    for each in through(model):
        names = values_of(state_of(each).get("feature_names_in_"))
        if names is None:
            continue
        if not all(isinstance(name, str) and not refused_character(name) for name in names):
            raise SourceError("a column has a name that cannot be shown", "fit it with other names")
        if len(set(names)) < len(names):
            raise SourceError("two of its columns have the same name", "fit it with other names")
        return names
    return None


def unused_columns(model: object, parts: Sequence[Part]) -> list[str]:
    """The columns that a model was fitted with, and that are none of its inputs."""
    used = {part.name for part in parts}
    return [name for name in column_names(model) or () if name not in used]


def column_count(model: object) -> int | None:
    """How many columns a model takes; None if it does not say."""
    for each in through(model):
        state = state_of(each)
        size = state.get("n_features_in_", state.get("_n_features"))  # LightGBM has the latter.
        if type(size) is int and 0 < size <= MOST_COLUMNS:
            return size
        if kind_of(each) == "IsotonicRegression":
            return 1
    return None
