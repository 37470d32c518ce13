"""The models of the zoo, and the environment that has them and what runs them."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent.parent
KINDS = TEMPLATE / "tests" / "helpers" / "zoo" / "kinds.py"
TOOLS = (
    "onnx==1.23.2",
    "onnxruntime==1.32.0",
    "skl2onnx==1.20.0",
    "scikit-learn==1.9.1",
    "pandas==3.1.1",
)
# Only the models in them are used, so nothing that they need is installed.
PACKAGES = (
    "magika==1.0.3",
    "rapidocr-onnxruntime==1.4.4",
    "nudenet==3.4.2",
    "ddddocr==1.6.1",
    "silero-vad==6.2.3",
)
# What answers come from beside those, by the names of the packages.
ALSO_RUN = ("numpy", "grpcio", "pygrpc-native", "protobuf")
VERSIONS = """
import importlib.metadata, json, platform, sys
found = {name: importlib.metadata.version(name) for name in sys.argv[1:]}
print(json.dumps({"Python": platform.python_version(), **found}))
"""


@dataclass(frozen=True)
class ZooModel:
    """A model of the zoo: its file, what it is called, and which models it is shown with."""

    path: Path
    name: str
    group: str


def make_environment(folder: Path) -> Path:
    """Install all that has models or runs them, and return the Python that sees it."""
    python = folder / "bin" / "python"
    if not python.exists():
        run("uv", "venv", "--quiet", "--python", sys.executable, str(folder))
    install = ["uv", "pip", "install", "--quiet", "--python", str(python)]
    run(*install, "--requirement", str(TEMPLATE / "pyproject.toml"), "--extra", "test", *TOOLS)
    run(*install, "--no-deps", *PACKAGES)
    return python


def versions(python: Path) -> dict[str, str]:
    """Return what is installed, by name."""
    names = [package.partition("==")[0] for package in (*TOOLS, *PACKAGES)]
    found: dict[str, str] = json.loads(run(str(python), "-c", VERSIONS, *names, *ALSO_RUN))
    return found


def collect(python: Path, folder: Path) -> list[ZooModel]:
    """Export the kinds of scikit-learn into a folder, and return the models of all groups."""
    run(str(python), str(KINDS), str(folder))
    kinds = [ZooModel(path, path.stem, "scikit-learn") for path in sorted(folder.glob("*.onnx"))]
    [libraries] = python.parent.parent.glob("lib/python*/site-packages")
    return [*of_onnx(libraries / "onnx" / "backend" / "test" / "data"), *kinds, *packed(libraries)]


def of_onnx(data: Path) -> Iterator[ZooModel]:
    """Yield the models in the test data of onnx that are more than one node."""
    for path in sorted(data.rglob("*.onnx")):
        kind, *folders = path.relative_to(data).parent.parts
        if kind != "node":
            yield ZooModel(path, "/".join(folders) or path.stem, f"onnx: {kind}")


def packed(libraries: Path) -> Iterator[ZooModel]:
    """Yield the models that are in packages."""
    for package in PACKAGES:
        name = package.partition("==")[0]
        for path in sorted((libraries / name.replace("-", "_")).rglob("*.onnx")):
            yield ZooModel(path, path.stem, name)


def run(*command: str) -> str:
    """Run a command that has to end well, and return what it prints."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def chosen(models: Sequence[ZooModel], names: Sequence[str], every: int) -> Sequence[ZooModel]:
    """Return those of some names, if there are any, and of them one in so many."""
    wanted = [each for each in models if not names or f"{each.group}/{each.name}" in names]
    return wanted[::every]
