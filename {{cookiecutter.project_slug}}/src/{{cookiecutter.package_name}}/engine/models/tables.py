"""Columns as models take and answer them: by their original names, with labels as texts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..fields.field import Field
from ..fields.labels import Label
from ..fields.violations import RefusedError, Violation


def table(
    fields: Iterable[Field], inputs: Any, gaps: Collection[str] = ()
) -> dict[str, NDArray[Any]]:
    """Return the columns of inputs by the names that they have where the model was made.

    Args:
        fields: The inputs' fields.
        inputs: The columns.
        gaps: The columns of texts in which an empty one stands for a missing one: that is NaN then.
    """
    columns = {f.original: texts_of(f, getattr(inputs, f.name)) for f in fields}
    for name in columns.keys() & set(gaps):
        columns[name] = np.where(columns[name] == "", np.nan, columns[name])
    return columns


def texts_of(field: Field, column: NDArray[Any]) -> NDArray[Any]:
    """Return a column with the labels themselves in the place of their places."""
    if not isinstance(field, Label):
        return column
    labels: NDArray[np.object_] = np.array(field.labels, np.object_)
    texts: NDArray[np.object_] = labels[column]
    return texts


def places(labels: Sequence[str], values: Any) -> NDArray[np.int64]:
    """Return the places among labels of what a model has predicted, in arrays of any shape.

    Raises:
        ValueError: If it is none of them.
    """
    found = np.asarray(values)
    place_of = {label: place for place, label in enumerate(labels)}
    try:
        where = [place_of[str(value)] for value in found.ravel().tolist()]
    except KeyError as error:
        raise ValueError(f"the model answered {error}, which is none of its labels") from None
    return np.array(where, np.int64).reshape(found.shape)


def vectors(labels: Sequence[str], rows: Iterable[Mapping[Any, Any]]) -> NDArray[Any]:
    """Return mappings of labels to numbers as an array, the labels along the last axis."""
    named = [{str(label): number for label, number in row.items()} for row in rows]
    return np.array([[row[label] for label in labels] for row in named])


def by_label(labels: Sequence[str], classes: Any, columns: Any) -> NDArray[Any]:
    """Return a number for each label, of arrays that have a column for each class of a model.

    Raises:
        ValueError: If the classes are others than the labels.
    """
    found = np.asarray(columns)
    order = np.argsort(places(labels, classes))
    if found.shape[-1] != len(labels) or len(order) != len(labels):
        raise ValueError(f"the model has {found.shape[-1]} classes, and the schema {len(labels)}")
    ordered: NDArray[Any] = found[..., order]
    return ordered


def output(answer: Any, place: int) -> Any:
    """Return one output of a model that answers with several: a list of them, or a column each."""
    return answer[place] if isinstance(answer, list) else answer[:, place]


def named(answer: Any, names: Sequence[str]) -> list[NDArray[Any]]:
    """Return the outputs of a model that answers with a frame, a mapping or an array.

    A frame with other names has its columns in the same order, and so has an array.
    """
    if not hasattr(answer, "keys"):
        return [np.asarray(answer)] if len(names) == 1 else [*np.asarray(answer).T]
    keys = [*answer.keys()]
    if len(names) == 1 and len(keys) > 1 and names[0] not in keys:
        return [np.asarray(answer)]
    return [np.asarray(answer[key]) for key in (names if {*names} <= {*keys} else keys)]


def dense(answer: Any) -> NDArray[Any]:
    """Return an array of what may be a sparse one of SciPy."""
    return np.asarray(answer.toarray() if hasattr(answer, "toarray") else answer)


def texts(values: Any) -> NDArray[np.object_]:
    """Return values as texts."""
    return np.array([str(value) for value in np.asarray(values).tolist()], np.object_)


def cells(
    columns: Mapping[str, NDArray[Any]], names: Iterable[str] | None = None
) -> NDArray[np.object_]:
    """Return columns of any types beside each other, in the order of names if that is another one."""
    chosen = [columns[name] for name in (columns if names is None else names)]
    return np.stack([column.astype(np.object_) for column in chosen], axis=1)


def matrix(
    fields: Iterable[Field],
    inputs: Any,
    names: Iterable[str],
    dtype: DTypeLike,
    categories: Mapping[str, Sequence[Any]],
) -> NDArray[Any]:
    """Return columns of numbers beside each other, in an order.

    Args:
        fields: The inputs' fields.
        inputs: The columns.
        names: The order, by original names.
        dtype: That of the numbers.
        categories: What the columns hold that stand for categories: these become their places.

    Raises:
        RefusedError: If a category is not known.
    """
    named = {field.original: field for field in fields}
    columns = [codes(named[name], inputs, categories.get(name)) for name in names]
    return np.stack(columns, axis=1, dtype=dtype)


def codes(field: Field, inputs: Any, categories: Sequence[Any] | None) -> NDArray[Any]:
    """Return the places of what a column holds among the categories, if it has some."""
    column = texts_of(field, getattr(inputs, field.name))
    if categories is None:
        return column
    place_of: dict[Any, float] = {each: place for place, each in enumerate(categories)}
    if field.default == "":
        place_of.setdefault("", np.nan)  # A text that is missing.
    try:
        return np.array([place_of[value] for value in column.tolist()])
    except KeyError as error:  # The libraries would answer as if it were missing.
        fault = f"the model was not trained with {error}"
        raise RefusedError([Violation(field.name, fault)]) from None
