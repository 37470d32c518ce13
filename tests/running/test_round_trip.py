"""Schemas drawn from the whole grammar: they render, compile, and carry values there and back."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from baking import bake, compile_stubs, lint
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from packages import Package
from samples import SAMPLES
from serving import importable
from strategies import MOST_ROWS, png, schemas, values

from grpc_ml_template.language.fields import Field
from grpc_ml_template.project.schemas import parse_schema

NUMBERS = itertools.count()
# Shrinking an example means to bake some hundred projects more.
WHENEVER = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


class Imported(Package):
    """A package, and its schema as the template reads it.

    Attributes:
        inputs, outputs: The fields.
    """

    def __init__(self, name: str, inputs: str, outputs: str) -> None:
        super().__init__(name)
        self.inputs = parse_schema(inputs, "", outputs=False).fields
        self.outputs = parse_schema(outputs, "", outputs=True).fields


def imported(folder: Path, inputs: str, outputs: str) -> Imported:
    """Bake and compile a project, and import its package under a name that was never used."""
    name = f"box_{next(NUMBERS)}"
    project = bake(folder / name, inputs=inputs, outputs=outputs, package_name=name)
    lint(project)
    compile_stubs(project)
    with importable(project):
        return Imported(name, inputs, outputs)


# What goes in


def as_sent(field: Field, value: Any) -> Any:
    """Return a value as a caller gives it."""
    if field.kind == "enum":
        return field.labels[value]
    if field.kind == "vector":
        return dict(zip(field.labels, value.tolist(), strict=True))
    return png(value) if field.kind == "image" else value


def as_seen(field: Field, value: Any) -> NDArray[Any]:
    """Return a value as the model has it; None for the default."""
    if value is None and field.kind == "enum":
        value = field.labels.index(str(field.default))
    elif value is None:
        default = str(field.default).encode() if field.element.kind == "bytes" else field.default
        value = np.full([dim or 0 for dim in field.dims], default, field.element.dtype)
    if field.element.name == "float16":
        value = np.asarray(value, np.float32)  # As it travels.
    return np.asarray(value, field.element.dtype)


def instances(fields: tuple[Field, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw an instance; what has a default may be missing."""
    choices = {}
    for field in fields:
        value = values(field)
        choices[field.name] = value if field.required else st.one_of(st.none(), value)
    return st.fixed_dictionaries(choices)


def wired(message: Any) -> Any:
    """Return the message as it arrives."""
    return type(message).FromString(message.SerializeToString())


def check_column(field: Field, column: Any, expected: list[NDArray[Any]]) -> None:
    """Hold a column of the model's inputs against the values that were sent."""
    assert column.dtype == np.dtype(field.element.dtype), field.name
    assert column.shape == (len(expected), *expected[0].shape), field.name
    np.testing.assert_array_equal(column, np.stack(expected), err_msg=field.name)


def check_instances(package: Imported, rows: list[dict[str, Any]]) -> None:
    """Send instances one by one."""
    for row in rows:
        given = {f.name: as_sent(f, row[f.name]) for f in package.inputs if row[f.name] is not None}
        message = wired(package.conversion.to_instance(given))
        assert package.batches.check(message) == []
        columns = package.batches.gather([message, message])
        for field in package.inputs:
            expected = as_seen(field, row[field.name])
            check_column(field, getattr(columns, field.name), [expected, expected])


def check_columns(package: Imported, rows: list[dict[str, Any]]) -> None:
    """Send the instances as columns; those with a gap are left out."""
    present = [f for f in package.inputs if all(row[f.name] is not None for row in rows)]
    if not present:
        return
    frame = {f.name: [as_sent(f, row[f.name]) for row in rows] for f in present}
    batches = package.batches.read(wired(package.conversion.to_columns(frame)))
    first = package.inputs[0].name
    assert sum(len(getattr(batch, first)) for batch in batches) == len(rows)
    for field in package.inputs:
        seen = [row[field.name] if field in present else None for row in rows]
        expected = [as_seen(field, value) for value in seen]
        start = 0
        for batch in batches:
            column = getattr(batch, field.name)
            check_column(field, column, expected[start : start + len(column)])
            start += len(column)


# What comes out


def as_told(field: Field, value: Any) -> Any:
    """Return a value of the model as a caller gets it."""
    if field.kind == "enum":
        return field.labels[value]
    if field.kind == "vector":
        return dict(zip(field.labels, as_seen(field, value).tolist(), strict=True))
    return png(value) if field.kind == "image" else as_seen(field, value)


def check_predictions(package: Imported, rows: list[dict[str, Any]]) -> None:
    """Answer with these rows, one by one and as columns."""
    columns: dict[str, Any] = {}
    for field in package.outputs:
        column = [as_seen(field, row[field.name]) for row in rows]
        columns[field.name] = column if None in field.dims else np.stack(column)
    outputs = package.batches.fit(package.schema.Outputs(**columns), len(rows))
    messages = [package.pb.Prediction() for _ in rows]
    package.batches.write(messages, outputs)
    predictions = [package.conversion.to_prediction(wired(one), "1") for one in messages]
    columns_message = package.pb.PredictionColumns()
    package.batches.append(columns_message, [package.batches.answered(outputs)])
    twice = wired(columns_message)
    twice.MergeFrom(columns_message)
    table = package.conversion.to_predictions(twice, "1", rows=2 * len(rows))
    for field in package.outputs:
        expected = [as_told(field, row[field.name]) for row in rows]
        check_told(field, [getattr(one, field.name) for one in predictions], expected)
        check_told(field, getattr(table, field.name), [*expected, *expected])


def check_told(field: Field, found: Any, expected: list[Any]) -> None:
    """Hold what callers get against what the model answered."""
    assert len(found) == len(expected), field.name
    for one, other in zip(found, expected, strict=True):
        if field.kind == "tensor":
            assert one.dtype == other.dtype, field.name
        if isinstance(other, dict):
            assert one == other, field.name
        elif isinstance(one, str | bytes):  # NumPy's own text loses NULs at its end.
            assert np.asarray(other, object).item() == one, field.name
        else:
            np.testing.assert_array_equal(one, other, err_msg=field.name)


# What is refused


def faults(package: Imported, field: Field) -> Iterator[tuple[str, Callable[[Any], None]]]:
    """Yield ways to make a valid instance wrong in one field, with the path to be named."""
    name = field.name
    if field.required:
        yield name, lambda message: message.ClearField(name)
    if field.kind == "enum":
        yield name, setting(name, len(field.labels) + 1)
        yield name, setting(name, -1)
    elif field.kind == "image":
        yield name, setting(name, b"no image")
    elif field.kind == "scalar":
        for value in bad_numbers(field):
            yield name, setting(name, value)
    else:
        first = field.labels[0] if field.kind == "vector" else 0
        for value in bad_numbers(field):
            yield f"{name}[{first}]", setting_first(name, value)
        if field.required and (field.unknown_dims != 1 or field.size > 1):
            yield name, lambda message: tensor(message, name).append(tensor(message, name)[0])


def setting(name: str, value: Any) -> Callable[[Any], None]:
    """Return what sets a field of a message."""
    return lambda message: setattr(message, name, value)


def setting_first(name: str, value: Any) -> Callable[[Any], None]:
    """Return what sets the first value of a tensor."""

    def change(message: Any) -> None:
        tensor(message, name)[0] = value

    return change


def tensor(message: Any, name: str) -> Any:
    """Return the values of a tensor."""
    found = getattr(message, name)
    return getattr(found, "values", found)


def bad_numbers(field: Field) -> Iterator[Any]:
    """Yield numbers that travel, but are outside of the field's range."""
    element = field.element
    if element.kind == "float":
        yield from (np.inf, -np.inf) if field.allows_nan else (np.inf, -np.inf, np.nan)
        wire = np.float64 if element.proto == "double" else np.float32
        with np.errstate(over="ignore"):
            ends = [(field.low, -np.inf), (field.high, np.inf)]
            beyond = [np.nextafter(wire(e), wire(way)) for e, way in ends if e is not None]
        yield from (value.item() for value in beyond)
    elif element.kind == "integer":
        bits = 64 if element.proto.endswith("64") else 32
        lowest = 0 if element.proto.startswith("u") else -(2 ** (bits - 1))
        highest = lowest + 2**bits - 1
        bottom = element.low if field.low is None else field.low
        top = element.high if field.high is None else field.high
        assert bottom is not None
        assert top is not None
        if int(bottom) > lowest:
            yield int(bottom) - 1
        if int(top) < highest:
            yield int(top) + 1


def check_faults(package: Imported, row: dict[str, Any]) -> None:
    """Break a valid instance in every way, and see that each is found."""
    given = {f.name: as_sent(f, row[f.name]) for f in package.inputs if row[f.name] is not None}
    valid = package.conversion.to_instance(given)
    for field in package.inputs:
        if row[field.name] is None:
            continue
        for path, spoil in faults(package, field):
            message = package.pb.Instance.FromString(valid.SerializeToString())
            spoil(message)
            violations = package.batches.check(wired(message))
            assert [violation.field for violation in violations] == [path], violations


def check_column_faults(package: Imported, row: dict[str, Any]) -> None:
    """Break a valid table in its second row, and see that each fault is found there."""
    present = [field for field in package.inputs if row[field.name] is not None]
    if not present:
        return
    frame = {field.name: [as_sent(field, row[field.name])] * 2 for field in present}
    valid = package.conversion.to_columns(frame)
    for field in present:
        if field.kind != "scalar":
            continue
        for value in bad_numbers(field):
            message = package.pb.InstanceColumns.FromString(valid.SerializeToString())
            getattr(message, field.name)[1] = value
            with pytest.raises(package.InvalidError) as caught:
                package.batches.read(wired(message))
            assert [found.field for found in caught.value.violations] == [f"{field.name}[1]"]


def check(package: Imported, data: st.DataObject) -> None:
    """Send values there and back."""
    rows = data.draw(st.lists(instances(package.inputs), min_size=1, max_size=MOST_ROWS))
    check_instances(package, rows)
    check_columns(package, rows)
    check_faults(package, rows[0])
    check_column_faults(package, rows[0])
    answers = st.fixed_dictionaries({field.name: values(field) for field in package.outputs})
    check_predictions(package, data.draw(st.lists(answers, min_size=1, max_size=MOST_ROWS)))


def text_of(answer: str) -> str:
    """Return a schema, which may be in a file."""
    return Path(answer[1:]).read_text() if answer.startswith("@") else answer


@pytest.mark.parametrize("sample", ["kitchen", "mixed", "words"])
def test_values_of_every_kind_come_through(
    tmp_path_factory: pytest.TempPathFactory, sample: str
) -> None:
    answers = SAMPLES[sample]
    folder = tmp_path_factory.mktemp("round_trip")
    package = imported(folder, text_of(answers["inputs"]), text_of(answers["outputs"]))

    @given(st.data())
    @settings(WHENEVER, max_examples=30)
    def there_and_back(data: st.DataObject) -> None:
        check(package, data)

    there_and_back()


SCHEMAS = {"inputs": schemas(outputs=False), "outputs": schemas(outputs=True), "data": st.data()}


@given(**SCHEMAS)
@settings(WHENEVER, max_examples=8)
def test_any_schema_carries_its_values(
    tmp_path_factory: pytest.TempPathFactory, inputs: str, outputs: str, data: st.DataObject
) -> None:
    check(imported(tmp_path_factory.mktemp("any"), inputs, outputs), data)


@pytest.mark.deep
@given(**SCHEMAS)
@settings(WHENEVER, max_examples=60)
def test_many_schemas_carry_their_values(
    tmp_path_factory: pytest.TempPathFactory, inputs: str, outputs: str, data: st.DataObject
) -> None:
    check(imported(tmp_path_factory.mktemp("many"), inputs, outputs), data)
