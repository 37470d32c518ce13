"""Names: made from free text, and the ones that are taken."""

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

# tests/rendering/test_names.py holds what follows against the code that uses these names.

# Options of the command `predict` beside those of the fields.
OPTIONS_TAKEN = _set("csv help ignore_unknown json output server timeout")
# Parameters of the client's `predict`, and what the columns of Inputs are annotated with.
INPUTS_TAKEN = _set("metadata np self timeout")
# What Prediction and Predictions have beside the fields, and are annotated with.
OUTPUTS_TAKEN = _set("bool bytes float int list model_version np str")

# Distributions that projects install, or that a model may well need.
DISTRIBUTIONS = _set("""
    annotated-doc annotated-types ast-serialize buf-bin click colorama coverage exceptiongroup
    flatbuffers google googleapis-common-protos grpc grpcio grpcio-health-checking
    grpcio-reflection grpcio-status grpcio-tools hatchling hypothesis iniconfig jax joblib keras
    librt lightgbm markdown-it-py mdurl mypy mypy-extensions mypy-protobuf numpy onnx onnxruntime
    opentelemetry packaging pandas pathspec pillow pip pluggy polars polars-runtime-32
    prometheus-client protobuf pyarrow pydantic pydantic-core pydantic-settings pygments
    pygrpc-native pytest pytest-asyncio pytest-timeout python-dateutil python-dotenv pytz
    requests rich ruff scikit-learn scipy setuptools shellingham six skops tensorflow tokenizers
    tomli torch torchvision tqdm transformers typer types-grpcio types-grpcio-status
    types-protobuf typing-extensions typing-inspection tzdata uv uvloop wheel xgboost
    """)
# Their modules, where the names differ.
MODULES = _set("""
    buf_bin dateutil dotenv grpc_health grpc_reflection grpc_status grpc_tools markdown_it mypyc pil
    pkg_resources py sklearn tf
    """)
# Their commands, where the names differ, and those of a virtual environment.
COMMANDS = _set("""
    activate buf deactivate dmypy dotenv f2py fastapi markdown-it mypyc numpy-config pip3
    pygmentize python python-grpc-tools-protoc python3 stubgen stubtest uvx
    """)
# Modules of the standard library in some of the versions that projects run on.
MODULES_OF_SOME_VERSIONS = _set("""
    aifc annotationlib asynchat asyncore audioop cgi cgitb chunk compression crypt distutils imghdr
    imp lib2to3 mailcap msilib nis nntplib ossaudiodev pipes profiling smtpd sndhdr spwd sunau
    telnetlib test uu xdrlib
    """)
# Windows cannot make a folder of these names.
DEVICES = _set("con prn aux nul") | frozenset(
    f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)
)
PACKAGES_TAKEN = (
    PYTHON_KEYWORDS
    | DEVICES
    | frozenset(name.lower() for name in sys.stdlib_module_names)
    | MODULES_OF_SOME_VERSIONS
    | frozenset(name.replace("-", "_") for name in DISTRIBUTIONS)
    | MODULES
    | _set("grpc_ml_template tests")
)
SLUGS_TAKEN = DEVICES | DISTRIBUTIONS | COMMANDS


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
