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
# What protobuf raises when a value is of another type than a field, or out of its range.
UNFIT = (TypeError, ValueError, OverflowError)
{% endif %}
{% if s.inputs_have_defaults %}

# What an input is where it is missing.
DEFAULTS = {
{% for field in s.inputs if not field.field.required %}
{{ field.default_line }}
{% endfor %}
}
{% endif %}
{% if s.misfit_input or s.inputs_have_defaults %}

# The inputs that are floats, or tensors: nan is a value of theirs, or a wrong one.
INPUTS: Any = pb.Instance.DESCRIPTOR.fields
FLOAT_TYPES = (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE)
TAKE_NAN = {f.name for f in INPUTS if f.is_repeated or f.message_type or f.cpp_type in FLOAT_TYPES}
{% endif %}
{% if s.outputs_have_presence %}

# The outputs that tell whether they are set.
OUTPUTS: Any = pb.Prediction.DESCRIPTOR.fields
WITH_PRESENCE = [field.name for field in OUTPUTS if field.has_presence]
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

    Each value is taken or refused as ``to_instance`` does with it alone.

    Raises:
        {{ s.class_name }}Error: If it does not fit the schema, as far as that shows here.
    """
    if not isinstance(frame, Mapping) and not hasattr(frame, "columns"):
        got = type(frame).__name__
        raise invalid([Violation("instances", f"expected columns or a data frame, got {got}")])
    names = list(frame.keys() if isinstance(frame, Mapping) else frame.columns)
    refuse_unknown("instances", names)
    columns = {name: to_column(name, frame[name]) for name in names}
{% if s.inputs_have_defaults %}
    fill_gaps(columns)
{% endif %}
    message = pb.InstanceColumns()
{% for field in s.inputs %}
{{ field.columns_statement }}
{% endfor %}
    return message


def to_prediction(message: pb.Prediction, model_version: str) -> Prediction:
    """Return the prediction that a message holds.

    Raises:
        {{ s.class_name }}Error: If it does not fit the schema of this client.
    """
{% if s.outputs_have_presence %}
    refuse_unset(message)
{% endif %}
    return Prediction(
{% for field in s.outputs %}
{{ field.prediction_argument }}
{% endfor %}
        model_version=model_version,
    )


def to_predictions(message: pb.PredictionColumns, model_version: str) -> Predictions:
    """Return the predictions that a message of columns holds.

    Raises:
        {{ s.class_name }}Error: If they do not fit the schema of this client.
    """
    predictions = Predictions(
{% for field in s.outputs %}
{{ field.predictions_argument }}
{% endfor %}
        model_version=model_version,
    )
{% if s.outputs|length > 1 %}
    refuse_uneven(predictions)
{% endif %}
    return predictions


{{ s.function("to_result", "response: pb.StreamPredictResponse", returns="Prediction | " ~ s.class_name ~ "Error") }}
    """Return the prediction of one response of a stream, or why there is none."""
    if response.HasField("invalid"):
        return invalid([Violation(v.field, v.description) for v in response.invalid.violations])
    try:
        return to_prediction(response.prediction, response.model_version)
    except {{ s.class_name }}Error as error:
        return error


def refuse_unknown(request_field: str, names: Iterable[Any]) -> None:
    """Raise an error if there are names that are not input fields."""
    unknown = [name for name in names if name not in Instance.__annotations__]
    if unknown:
        raise invalid([Violation(f"{request_field}.{name}", no_input(name)) for name in unknown])


def no_input(name: Any) -> str:
    """Say that there is no input of a name, and which one may be meant."""
    near = meant(name)
    return f"the model has no such input{f'; did you mean {near}?' if near else ''}"


def meant(name: Any) -> str | None:
    """Return the input whose name is nearly a wrong one, if there is any."""
    near = get_close_matches(str(name), Instance.__annotations__, n=1)
    return near[0] if near else None


def to_column(name: str, values: Any) -> Any:
    """Return the values of a column, if they are several in an order."""
    no_rows = isinstance(values, str | bytes | Mapping | Set) or not isinstance(values, Sized)
    if no_rows or getattr(values, "shape", None) == ():
        got = reprlib.repr(values)
        raise invalid([Violation(f"instances.{name}", f"expected a column, got {got}")])
    return values


def is_missing(value: Any, *, nan: bool = False) -> bool:
    """Tell whether a value is left out: None, or pandas' NA, told by name to do without pandas.

    Args:
        nan: Whether nan is no value either. pandas has it for all that is missing.
    """
    if value is None or type(value).__name__ == "NAType":
        return True
    return nan and isinstance(value, float) and value != value
{% if s.misfit_input or s.inputs_have_defaults %}


def is_gap(name: str, value: Any) -> bool:
    """Tell whether a value of an input is left out."""
    return is_missing(value, nan=name not in TAKE_NAN)
{% endif %}
{% if s.inputs_have_defaults %}


def fill_gaps(columns: dict[str, Any]) -> None:
    """Put defaults where values are missing in columns: a message of columns has no gaps."""
    for name in DEFAULTS.keys() & columns.keys():
        values = columns[name]
        if name in TAKE_NAN and is_array_of_numbers(values):
            continue
        if any(is_gap(name, value) for value in values):
            columns[name] = [DEFAULTS[name] if is_gap(name, v) else v for v in values]
{% endif %}
{% if s.plain_inputs %}


def refuse_wide(name: str, values: Any) -> None:
    """Raise an error if the rows of a column are arrays."""
    shape = getattr(values, "shape", ())
    if len(shape) > 1:
        sizes = " x ".join(map(str, shape))
        fault = f"expected one value a row, got a column of shape {sizes}"
        raise invalid([Violation(f"instances.{name}", fault)])
{% endif %}
{% if s.misfit_input %}


def new_instance(**values: Any) -> pb.Instance:
    """Return the message with these values, without those that are missing."""
    try:
        return pb.Instance(**values)
    except UNFIT:
        present = {name: value for name, value in values.items() if not is_gap(name, value)}
        fitting = convert((f"instance.{name}", name, value) for name, value in present.items())
        return pb.Instance(**dict(zip(present, fitting, strict=True)))


def convert(values: Iterable[tuple[str, str, Any]]) -> list[Any]:
    """Return values as protobuf takes them, each given with its path and its field.

    Raises:
        {{ s.class_name }}Error: Naming those that are of the wrong type.
    """
    converted, wrong = [], []
    for path, name, value in values:
        if is_gap(name, value):
            wrong.append(Violation(path, "required"))
        elif fits(name, value):
            converted.append(value)
{% if "integer" in ins or "bool" in ins %}
        elif fits(name, whole(value)):
            converted.append(whole(value))
{% endif %}
        else:
            wrong.append(misfit(path, name, value))
        if len(wrong) == MOST_WRONG_ROWS:
            break
    if wrong:
        raise invalid(wrong)
    return converted


def fits(name: str, value: Any) -> bool:
    """Tell whether a value is of the type of a field."""
    try:
        pb.Instance(**{name: value})
    except UNFIT:
        return False
    return True


def misfit(path: str, name: str, value: Any) -> Violation:
    """Say of which type a field is, and what it got instead."""
    field: Any = pb.Instance.DESCRIPTOR.fields_by_name[name]
    expected = FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    return Violation(path, f"expected {expected}, got {reprlib.repr(value)}")
{% endif %}
{% if "integer" in ins or "bool" in ins %}


def whole(value: Any) -> Any:
    """Return whole floats as integers: data frames make floats of integers that have a gap."""
    return int(value) if isinstance(value, float | np.floating) and value.is_integer() else value
{% endif %}
{% if "enum" in ins %}


def to_number(path: str, label: Any, labels: Sequence[str]) -> Any:
    """Return the number that stands for a label in messages, and None for one that is missing."""
    if is_missing(label, nan=True):
        return None
    if not isinstance(label, str) or label not in labels:
        raise invalid([Violation(path, f"{reprlib.repr(label)} is not one of {', '.join(labels)}")])
    return labels.index(label) + 1
{% endif %}
{% if "tensor" in ins or "variable" in ins or "ragged" in ins %}


def to_array(path: str, value: Any, dtype: DTypeLike, dims: tuple[int | None, ...]) -> NDArray[Any]:
    """Return a value as an array of this dtype, with the dims that are known."""
    if is_missing(value):
{% if "tensor" in ins and ("variable" in ins or "ragged" in ins) %}
        fault = "at least one value is required" if None in dims else "required"
        raise invalid([Violation(path, fault)])
{% elif "tensor" in ins %}
        raise invalid([Violation(path, "required")])
{% else %}
        raise invalid([Violation(path, "at least one value is required")])
{% endif %}
    try:
        array = np.asarray(value{% if s.has_text_tensor_input %}, np.object_ if dtype in (str, bytes) else None{% endif %})
    except ValueError:
        raise invalid([Violation(path, "its parts differ in length")]) from None
    refuse_shape(path, array.shape, dims)
{% if s.has_text_tensor_input %}
    if dtype in (str, bytes):
        return of_type(path, array, dtype)
{% endif %}
    if array.dtype.kind in "iu" and np.dtype(dtype).kind in "iu":
        result = array.astype(dtype)
        if not np.array_equal(result, array):
            raise invalid([Violation(path, f"not every value fits {np.dtype(dtype)}")])
        return result
    if not np.can_cast(array.dtype, dtype, "same_kind"):
        raise invalid([Violation(path, f"expected {np.dtype(dtype)}, got {array.dtype}")])
    with np.errstate(over="ignore"):  # The server refuses infinity.
        return array.astype(dtype)


def refuse_shape(path: str, shape: Sequence[int], dims: tuple[int | None, ...]) -> None:
    """Raise an error if a shape has not the dims that are known."""
    right = len(shape) == len(dims) and all(
        dim in (None, size) for dim, size in zip(dims, shape, strict=True)
    )
    if right and all(shape):
        return
    expected = f"shape {' x '.join('?' if dim is None else str(dim) for dim in dims)}"
{% if "variable" in ins or "ragged" in ins %}
    if right:
        expected = "at least one value along each dimension"
{% endif %}
    got = "a single value" if not shape else f"shape {' x '.join(map(str, shape))}"
    raise invalid([Violation(path, f"expected {expected}, got {got}")])
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
    """Set a tensor of an instance, unless it is missing."""
    if not is_missing(value):
        extend(message, name, to_array(f"instance.{name}", value, dtype, dims))
{% endif %}
{% if "ragged" in ins %}


def add_shaped_tensor(
    message: pb.Instance, name: str, value: Any, dtype: DTypeLike, dims: tuple[int | None, ...]
) -> None:
    """Set a tensor of an instance and its shape, unless it is missing."""
    if not is_missing(value):
        array = to_array(f"instance.{name}", value, dtype, dims)
        fill(getattr(message, name), array)
{% endif %}
{% if "variable" in ins or "ragged" in ins %}


def fill(tensor: Any, array: NDArray[Any]) -> None:
    """Set values and shape of a tensor message."""
    tensor.shape.extend(array.shape)
    extend(tensor, "values", array)
{% endif %}
{% if s.misfit_input %}


def add_values(message: pb.InstanceColumns, columns: Mapping[str, Any], name: str) -> None:
    """Set a column, if it is there."""
    if name not in columns:
        return
    refuse_wide(name, columns[name])
    column, values = getattr(message, name), list(columns[name])
    try:
        column.extend(values)
    except UNFIT:
        del column[:]
        rows = enumerate(values)
        column.extend(convert((f"instances.{name}[{row}]", name, value) for row, value in rows))
{% endif %}
{% if "float" in ins %}


def add_floats(message: pb.InstanceColumns, columns: Mapping[str, Any], name: str) -> None:
    """Set a column of floats, if it is there; an array of numbers is taken as one block."""
    values = columns.get(name)
    if is_array_of_numbers(values):
        refuse_wide(name, values)
        extend(message, name, np.asarray(values))
    else:
        add_values(message, columns, name)
{% endif %}
{% if "float" in ins or s.inputs_have_defaults %}


def is_array_of_numbers(values: Any) -> bool:
    """Tell whether a column is an array of numbers without gaps.

    NumPy makes nan of the gaps that columns of other libraries have.
    """
    if not hasattr(values, "__array__"):
        return False
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        return False
    return isinstance(values.dtype, np.dtype) or not np.isnan(array).any()
{% endif %}
{% if "enum" in ins %}


def add_labels(
    message: pb.InstanceColumns,
    columns: Mapping[str, Any],
    name: str,
    labels: Sequence[str],
) -> None:
    """Set a column of labels, if it is there."""
    values = columns.get(name, ())
    refuse_wide(name, values)
    for row, label in enumerate(values):
        path = f"instances.{name}[{row}]"
        number = to_number(path, label, labels)
        if number is None:
            raise invalid([Violation(path, "required")])
        getattr(message, name).append(number)
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
        path = f"instances.{name}[{row}]"
        extend(message, name, to_array(path, value, dtype, dims))
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
{% if s.outputs_have_presence %}


def refuse_unset(message: pb.Prediction) -> None:
    """Raise an error if a value is not set, which reads as zero or empty."""
    for name in WITH_PRESENCE:
        if not message.HasField(name):
            raise unfit(f"prediction.{name}", "it is not set")
{% endif %}
{% if s.outputs|length > 1 %}


def refuse_uneven(predictions: Predictions) -> None:
    """Raise an error if the columns differ in length."""
    names = [field.name for field in fields(predictions) if field.name != "model_version"]
    counts = {name: len(getattr(predictions, name)) for name in names}
    longest = max(names, key=lambda name: counts[name])
    for name, count in counts.items():
        if count != counts[longest]:
            expected = f"{counts[longest]} rows, as many as {longest} has"
            raise unfit(f"predictions.{name}", f"expected {expected}, got {count}")
{% endif %}
{% if "enum" in outs %}


def to_label(path: str, number: int, labels: tuple[Text, ...]) -> Text:
    """Return the label that a number in a message stands for."""
    if not 0 < number <= len(labels):
        raise unfit(path, f"there is no label of number {number}")
    return labels[number - 1]


def to_labels(path: str, numbers: Iterable[int], labels: tuple[Text, ...]) -> list[Text]:
    """Return the labels that the numbers of a column stand for."""
    known = dict(enumerate(labels, start=1))
    try:
        return [known[number] for number in numbers]
    except KeyError:
        return [to_label(f"{path}[{row}]", number, labels) for row, number in enumerate(numbers)]
{% endif %}
{% if "values" in outs %}


def from_values(path: str, values: Any, dtype: DTypeLike, dims: tuple[int, ...]) -> NDArray[Any]:
    """Return the values of a repeated field as an array; a dim of -1 is as long as they last."""
    try:
        array = np.array(values, dtype).reshape(dims)
    except ValueError:
        raise unfit(path, f"expected {in_words(dims)}, got {len(values)} values") from None
{% if s.outputs_have_narrow_integers %}
    if array.dtype.kind in "iu" and not np.array_equal(array.ravel(), values):
        raise unfit(path, f"not every value fits {array.dtype}")
{% endif %}
    return array


def in_words(dims: tuple[int, ...]) -> str:
    """Return dims as one reads them."""
    return f"shape {' x '.join('?' if dim < 0 else str(dim) for dim in dims)}"
{% endif %}
{% if "shaped" in outs %}


def from_tensor(path: str, tensor: Any, dtype: DTypeLike, dims: tuple[int, ...]) -> NDArray[Any]:
    """Return a tensor as an array of the shape that travels with it; dims of -1 are of any size."""
    shape = tuple(tensor.shape) or dims
    if len(shape) != len(dims) or any(
        dim not in (-1, size) for dim, size in zip(dims, shape, strict=True)
    ):
        raise unfit(path, f"expected {in_words(dims)}, got {in_words(shape)}")
    return from_values(path, tensor.values, dtype, shape)
{% endif %}
{% if "tensors" in outs %}


def from_tensors(
    path: str, tensors: Iterable[Any], dtype: DTypeLike, dims: tuple[int, ...]
) -> list[NDArray[Any]]:
    """Return the arrays of a repeated field of tensors."""
    rows = enumerate(tensors)
    return [from_tensor(f"{path}[{row}]", tensor, dtype, dims) for row, tensor in rows]
{% endif %}
