"""Names of projects and packages: those that something else has, and those that are offered."""

import keyword
import sys

from ..language.spelling import LONGEST_NAME, kebab, snake


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Distributions that projects install, or that a model may well need.
DISTRIBUTIONS = _set(
    """
    annotated-doc annotated-types arrow ast-serialize binaryornot buf-bin certifi chardet
    charset-normalizer click colorama cookiecutter coverage exceptiongroup flatbuffers google
    googleapis-common-protos grpc grpcio grpcio-health-checking grpcio-reflection grpcio-status
    grpcio-tools hatchling hypothesis idna iniconfig jax jinja2 joblib keras librt lightgbm
    markdown-it-py markupsafe mdurl mypy mypy-extensions mypy-protobuf numpy onnx onnxruntime
    opentelemetry packaging pandas pathspec pillow pip pluggy polars polars-runtime-32
    prometheus-client protobuf pyarrow pydantic pydantic-core pydantic-settings pygments
    pygrpc-native pytest pytest-asyncio pytest-timeout python-dateutil python-dotenv python-slugify
    pytz pyyaml requests rich ruff scikit-learn scipy setuptools shellingham six skops tensorflow
    text-unidecode tokenizers tomli torch torchvision tqdm transformers typer types-grpcio
    types-grpcio-status types-protobuf typing-extensions typing-inspection tzdata urllib3 uv uvloop
    wheel xgboost
    """
)
# Their modules, where the names differ, and those that Python imports by itself if they are there.
MODULES = _set(
    """
    buf_bin dateutil dotenv grpc_health grpc_reflection grpc_status grpc_tools markdown_it mypyc pil
    pkg_resources py sitecustomize sklearn slugify text_unidecode tf usercustomize yaml
    """
)
# Their commands, where the names differ, and those of a virtual environment.
COMMANDS = _set(
    """
    activate buf deactivate dmypy dotenv f2py fastapi markdown-it mypyc normalizer numpy-config pip3
    pygmentize python python-grpc-tools-protoc python3 slugify stubgen stubtest uvx
    """
)
# Modules of the standard library in some of the versions that projects run on.
MODULES_OF_SOME_VERSIONS = _set(
    """
    aifc annotationlib asynchat asyncore audioop cgi cgitb chunk compression crypt distutils imghdr
    imp lib2to3 mailcap msilib nis nntplib ossaudiodev pipes profiling smtpd sndhdr spwd sunau
    telnetlib test uu xdrlib
    """
)
# Windows cannot make a folder of these names.
DEVICES = _set("con prn aux nul") | frozenset(
    f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)
)
PACKAGES_TAKEN = (
    DEVICES
    | frozenset(keyword.kwlist)
    | frozenset(name.lower() for name in sys.stdlib_module_names)
    | MODULES_OF_SOME_VERSIONS
    | frozenset(name.replace("-", "_") for name in DISTRIBUTIONS)
    | MODULES
    | _set("grpc_ml_template tests")
)
SLUGS_TAKEN = DEVICES | DISTRIBUTIONS | COMMANDS


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
