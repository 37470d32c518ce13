{% set s = service(cookiecutter) %}
{% set ins = s.client_inputs %}
{% set outs = s.client_outputs %}
"""Python values to request messages, and response messages to Python values, for the clients."""

{{ s.messages_imports }}
{% if "enum" in outs %}

Text = TypeVar("Text", bound=str)
{% endif %}
{% if s.misfit_input %}

# An error tells of no more wrong rows than this.
MOST_WRONG_ROWS = 20
{% endif %}


class Instance(TypedDict):
    """What the model is asked about, for ``stream_predict``."""

{% for field in s.inputs %}
{{ field.typed_key }}
{% endfor %}


@dataclass(frozen=True, slots=True)
class Prediction:
    """The prediction for one instance.

    Attributes:
{% for field in s.outputs %}
{{ field.result_doc }}
{% endfor %}
        model_version: The version of the model that answered.
    """

{% for field in s.outputs %}
{{ field.result_line }}
{% endfor %}
    model_version: str


@dataclass(frozen=True, slots=True)
class Predictions:
    """The predictions for n instances, one column a field.

    Attributes:
{% for field in s.outputs %}
{{ field.results_doc }}
{% endfor %}
        model_version: The version of the model that answered.
    """

{% for field in s.outputs %}
{{ field.results_line }}
{% endfor %}
    model_version: str


class Frame(Protocol):
    """A data frame of pandas, polars or the like."""

    @property
    def columns(self) -> Any:
        """The names of the columns."""

    def __getitem__(self, name: str, /) -> Any:
        """Return one column."""


Columns = Mapping[str, Any] | Frame


def to_instance(instance: Instance) -> pb.Instance:
    """Return the message of an instance.

    Raises:
        {{ s.class_name }}Error: If it does not fit the schema, as far as that shows here.
    """
    refuse_unknown("instance", instance)
{% if s.plain_inputs and s.array_inputs %}
    message = {{ s.new_instance }}(
{% elif s.plain_inputs %}
    return {{ s.new_instance }}(
{% else %}
    message = pb.Instance()
{% endif %}
{% if s.plain_inputs %}
{% for field in s.plain_inputs %}
{{ field.instance_argument }}
{% endfor %}
    )
{% endif %}
{% for field in s.array_inputs %}
{{ field.instance_statement }}
{% endfor %}
{% if s.array_inputs %}
    return message
{% endif %}


def to_columns(frame: Columns) -> pb.InstanceColumns:
    """Return the message of a mapping of columns, or of a data frame.

    Raises:
        {{ s.class_name }}Error: If it does not fit the schema, as far as that shows here.
    """
    if not isinstance(frame, Mapping) and not hasattr(frame, "columns"):
        got = type(frame).__name__
        raise invalid([Violation("instances", f"expected columns or a data frame, got {got}")])
    names = list(frame.keys() if isinstance(frame, Mapping) else frame.columns)
    refuse_unknown("instances", names)
    columns = {name: to_column(name, frame[name]) for name in names}
    message = pb.InstanceColumns()
{% for field in s.inputs %}
{{ field.columns_statement }}
{% endfor %}
    return message


def to_prediction(message: pb.Prediction, model_version: str) -> Prediction:
    """Return the prediction that a message holds."""
    return Prediction(
{% for field in s.outputs %}
{{ field.prediction_argument }}
{% endfor %}
        model_version=model_version,
    )


def to_predictions(message: pb.PredictionColumns, model_version: str) -> Predictions:
    """Return the predictions that a message of columns holds."""
    return Predictions(
{% for field in s.outputs %}
{{ field.predictions_argument }}
{% endfor %}
        model_version=model_version,
    )


{{ s.function("to_result", "response: pb.StreamPredictResponse", returns="Prediction | " ~ s.class_name ~ "Error") }}
    """Return the prediction of one response of a stream, or what was wrong with its request."""
    if response.HasField("prediction"):
        return to_prediction(response.prediction, response.model_version)
    return invalid([Violation(v.field, v.description) for v in response.invalid.violations])


def refuse_unknown(request_field: str, names: Iterable[str]) -> None:
    """Raise an error if there are names that are not input fields."""
    unknown = [name for name in names if name not in Instance.__annotations__]
    if unknown:
        paths = [f"{request_field}.{name}" for name in unknown]
        raise invalid([Violation(path, "the model has no such input") for path in paths])


def to_column(name: str, values: Any) -> Any:
    """Return the values of a column, if they are several."""
    if isinstance(values, str | bytes) or not isinstance(values, Sized):
        got = reprlib.repr(values)
        raise invalid([Violation(f"instances.{name}", f"expected a column, got {got}")])
    return values
{% if s.misfit_input %}


def new_instance(**values: Any) -> pb.Instance:
    """Return the message with these values, without those that are None."""
    try:
        return pb.Instance(**values)
    except (TypeError, ValueError):
        wrong = [item for item in values.items() if not fits(*item)]
        raise invalid([misfit(f"instance.{name}", name, value) for name, value in wrong]) from None


def wrong_rows(name: str, values: Iterable[Any]) -> {{ s.class_name }}Error:
    """Return the error that tells which rows of a column are of the wrong type."""
    wrong = (row for row in enumerate(values) if row[1] is None or not fits(name, row[1]))
    few = islice(wrong, MOST_WRONG_ROWS)
    return invalid([misfit(f"instances.{name}[{row}]", name, value) for row, value in few])


def fits(name: str, value: Any) -> bool:
    """Tell whether a value is of the type of a field."""
    try:
        pb.Instance(**{name: value})
    except (TypeError, ValueError):
        return False
    return True


def misfit(path: str, name: str, value: Any) -> Violation:
    """Say of which type a field is, and what it got instead."""
    field: Any = pb.Instance.DESCRIPTOR.fields_by_name[name]
    expected = FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    return Violation(path, f"expected {expected}, got {reprlib.repr(value)}")
{% endif %}
{% if "enum" in ins %}


def to_number(path: str, label: str | None, labels: Sequence[str]) -> Any:
    """Return the number that stands for a label in messages."""
    if label is None:
        return None
    if not isinstance(label, str) or label not in labels:
        raise invalid([Violation(path, f"{label!r} is not one of {', '.join(labels)}")])
    return labels.index(label) + 1
{% endif %}
{% if "tensor" in ins or "variable" in ins or "ragged" in ins %}


def to_array(path: str, value: Any, dtype: DTypeLike, dims: tuple[int | None, ...]) -> NDArray[Any]:
    """Return a value as an array of this dtype, with the dims that are known."""
    try:
        array = np.asarray(value{% if s.has_text_tensor_input %}, np.object_ if dtype in (str, bytes) else None{% endif %})
    except ValueError:
        raise invalid([Violation(path, "its parts differ in length")]) from None
    shape_fits = array.ndim == len(dims) and all(
        dim in (None, size) for dim, size in zip(dims, array.shape, strict=True)
    )
    if not shape_fits:
        expected = " x ".join("?" if dim is None else str(dim) for dim in dims)
        got = " x ".join(map(str, array.shape)) or "a single value"
        raise invalid([Violation(path, f"expected shape {expected}, got {got}")])
{% if s.has_text_tensor_input %}
    if dtype in (str, bytes):
        return of_type(path, array, dtype)
{% endif %}
    if not array.size or (array.dtype.kind in "iu" and np.dtype(dtype).kind in "iu"):
        result = array.astype(dtype)
        if not np.array_equal(result, array):
            raise invalid([Violation(path, f"not every value fits {np.dtype(dtype)}")])
        return result
    if not np.can_cast(array.dtype, dtype, "same_kind"):
        raise invalid([Violation(path, f"expected {np.dtype(dtype)}, got {array.dtype}")])
    return array.astype(dtype)
{% endif %}
{% if s.has_text_tensor_input %}


def of_type(path: str, array: NDArray[Any], kind: Any) -> NDArray[Any]:
    """Return an array of objects, if all are of this type."""
    for element in array.flat:
        if not isinstance(element, kind):
            expected, got = kind.__name__, reprlib.repr(element)
            raise invalid([Violation(path, f"expected {expected}, got {got}")])
    return array
{% endif %}
{% if "tensor" in ins or "variable" in ins %}


def add_tensor(
    message: pb.Instance, name: str, value: Any, dtype: DTypeLike, dims: tuple[int | None, ...]
) -> None:
    """Set a tensor of an instance, unless it is None."""
    if value is not None:
        extend(message, name, to_array(f"instance.{name}", value, dtype, dims))
{% endif %}
{% if "ragged" in ins %}


def add_shaped_tensor(
    message: pb.Instance, name: str, value: Any, dtype: DTypeLike, dims: tuple[int | None, ...]
) -> None:
    """Set a tensor of an instance and its shape, unless it is None."""
    if value is not None:
        array = to_array(f"instance.{name}", value, dtype, dims)
        fill(getattr(message, name), array)
{% endif %}
{% if "variable" in ins or "ragged" in ins %}


def fill(tensor: Any, array: NDArray[Any]) -> None:
    """Set values and shape of a tensor message."""
    tensor.shape.extend(array.shape)
    extend(tensor, "values", array)
{% endif %}
{% if "scalar" in ins or "image" in ins %}


def add_values(message: pb.InstanceColumns, columns: Mapping[str, Any], name: str) -> None:
    """Set a column, if it is there."""
    if name in columns:
        values = [whole(value) for value in np.asarray(columns[name], np.object_).tolist()]
        try:
            getattr(message, name).extend(values)
        except (TypeError, ValueError):
            raise wrong_rows(name, values) from None
{% endif %}
{% if "scalar" in ins or "image" in ins %}


def whole(value: Any) -> Any:
    """Return whole floats as integers: data frames make floats of integers that have a gap."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
{% endif %}
{% if "float" in ins %}


def add_floats(message: pb.InstanceColumns, columns: Mapping[str, Any], name: str) -> None:
    """Set a column of floats, if it is there."""
    if name in columns:
        try:
            values = np.asarray(columns[name], np.float64)
        except (TypeError, ValueError):
            raise wrong_rows(name, columns[name]) from None
        extend(message, name, values)
{% endif %}
{% if "enum" in ins %}


def add_labels(
    message: pb.InstanceColumns, columns: Mapping[str, Any], name: str, labels: Sequence[str]
) -> None:
    """Set a column of labels, if it is there."""
    if name in columns:
        numbers = [
            to_number(f"instances.{name}[{row}]", label, labels) or 0
            for row, label in enumerate(columns[name])
        ]
        getattr(message, name).extend(numbers)
{% endif %}
{% if "tensor" in ins %}


def add_tensors(
    message: pb.InstanceColumns,
    columns: Mapping[str, Any],
    name: str,
    dtype: DTypeLike,
    dims: tuple[int, ...],
) -> None:
    """Set a column of tensors, if it is there."""
    for row, value in enumerate(columns.get(name, ())):
        extend(message, name, to_array(f"instances.{name}[{row}]", value, dtype, dims))
{% endif %}
{% if "variable" in ins or "ragged" in ins %}


def add_variable_tensors(
    message: pb.InstanceColumns,
    columns: Mapping[str, Any],
    name: str,
    dtype: DTypeLike,
    dims: tuple[int | None, ...],
) -> None:
    """Set a column of tensors whose shapes differ, if it is there."""
    for row, value in enumerate(columns.get(name, ())):
        fill(getattr(message, name).add(), to_array(f"instances.{name}[{row}]", value, dtype, dims))
{% endif %}
{% if "enum" in outs %}


def to_label(number: int, labels: tuple[Text, ...]) -> Text:
    """Return the label that a number in a message stands for."""
    return labels[number - 1]


def to_labels(numbers: Iterable[int], labels: tuple[Text, ...]) -> list[Text]:
    """Return the labels that the numbers of a column stand for."""
    return [labels[number - 1] for number in numbers]
{% endif %}
{% if "values" in outs %}


def from_values(values: Any, dtype: DTypeLike, shape: Iterable[int]) -> NDArray[Any]:
    """Return the values of a repeated field as an array."""
    return np.array(values, dtype).reshape(tuple(shape))
{% endif %}
{% if "tensors" in outs %}


def from_tensors(tensors: Iterable[Any], dtype: DTypeLike) -> list[NDArray[Any]]:
    """Return the arrays of a repeated field of tensors."""
    return [from_values(tensor.values, dtype, tensor.shape) for tensor in tensors]
{% endif %}
