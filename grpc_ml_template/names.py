"""Names: made from free text, and the ones that are taken."""

import builtins
import keyword
import re
import sys

from slugify import slugify

# The layout of the generated files is right up to these lengths, and longer names read badly.
LONGEST_FIELD = 50
LONGEST_NAME = 40
LONGEST_TITLE = 80


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


PYTHON_KEYWORDS = frozenset(keyword.kwlist)

PROTO_KEYWORDS = _set("""
    syntax import weak public package option inf nan repeated optional required message
    enum service rpc returns stream extend extensions reserved to max group map oneof
    float double int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool
    string bytes true false
    """)

# Names that the code of the generated project uses beside the fields.
TYPE_NAMES = _set("bool bytes float int str list tuple dict object")
INPUTS_TAKEN = TYPE_NAMES | _set("np self timeout metadata json csv ignore_unknown server help")
OUTPUTS_TAKEN = TYPE_NAMES | _set("np self model_version")

DEPENDENCIES = _set("""
    google googleapis-common-protos grpc grpcio grpcio-health-checking grpcio-reflection
    grpcio-status grpcio-tools hypothesis mypy mypy-protobuf numpy onnxruntime opentelemetry pandas
    pillow pip polars prometheus-client protobuf pyarrow pydantic pydantic-settings pygrpc-native
    pytest pytest-asyncio rich ruff setuptools skops tomli typer typing-extensions uv uvloop wheel
    """)
# Windows cannot make a folder of these names.
DEVICES = _set("con prn aux nul") | frozenset(
    f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)
)
PACKAGES_TAKEN = (
    PYTHON_KEYWORDS
    | PROTO_KEYWORDS
    | TYPE_NAMES
    | DEVICES
    | frozenset(name.lower() for name in sys.stdlib_module_names)
    | frozenset(name.replace("-", "_") for name in DEPENDENCIES)
    | _set("""
        cli client conftest grpc_health grpc_ml_template grpc_reflection grpc_status grpc_tools
        jinja2 joblib model np onnx pil pkg_resources prometheus_client proto pyximport schema
        scipy self server service settings sklearn site src test tests tf torch v1 xgboost
        """)
)
SLUGS_TAKEN = DEVICES | DEPENDENCIES
# What model.py and server.py have beside the model; Validation would make a second ValidationError.
CLASSES_TAKEN = frozenset(dir(builtins)) | _set("""
    Callable CannotListenError Health Inputs Instance Model Outputs Path Prediction Server Settings
    Validation
    """)


def words(text: str) -> list[str]:
    """The words of a free text in lower case: ASCII letters and digits only."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return [word for word in slugify(spaced).split("-") if word]


def kebab(text: str) -> str:
    """`Iris Classifier` -> `iris-classifier`."""
    return "-".join(words(text))


def snake(text: str) -> str:
    """`Iris Classifier` -> `iris_classifier`."""
    return "_".join(words(text))


def upper(text: str) -> str:
    """`Iris Classifier` -> `IRIS_CLASSIFIER`."""
    return snake(text).upper()


def pascal(text: str) -> str:
    """`Iris Classifier` -> `IrisClassifier`."""
    return "".join(word.capitalize() for word in words(text))


def json_name(name: str) -> str:
    """The name protobuf gives a field in JSON: `sepal_length` -> `sepalLength`."""
    return re.sub(r"_+([a-z0-9]?)", lambda match: match[1].upper(), name)


def project_slug(model_name: str) -> str:
    """The slug offered for a model: one that would be accepted."""
    slug = _cut(kebab(model_name), "-")
    return f"{slug}-model" if slug in SLUGS_TAKEN else slug


def package_name(model_name: str) -> str:
    """The package name offered for a model: one that would be accepted."""
    name = _cut(snake(model_name), "_")
    return f"{name}_model" if name in PACKAGES_TAKEN else name


def _cut(name: str, separator: str) -> str:
    return name[:LONGEST_NAME].rstrip(separator)
