"""The rooms of grpc_ml_template: imports go down from room to room, and never in a circle."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from baking import TEMPLATE

PACKAGE = TEMPLATE / "grpc_ml_template"
# Each room may import from itself and from those after it.
READERS = ["mlflow", "hub", "torch", "onnx", "sklearn", "boosters", "pickles", "samples", "common"]
SOURCES = ["sources", *(f"sources.{name}" for name in READERS)]
ROOMS = ["", "updating", "project", *SOURCES, "printing", "language"]


def room(module: str) -> str:
    """Return the room of a module; the entry for cookiecutter stands before all of them."""
    return module.rpartition(".")[0]


def imports(path: Path) -> Iterator[str]:
    """Yield the modules of the package that a module imports, wherever in it."""
    place = path.relative_to(PACKAGE).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = [*place[: len(place) + 1 - node.level], *(node.module or "").split(".")]
            base = ".".join(filter(None, parts))
            for alias in node.names:
                inner = f"{base}.{alias.name}".strip(".")
                yield inner if (PACKAGE / f"{inner.replace('.', '/')}.py").is_file() else base
        elif isinstance(node, ast.Import | ast.ImportFrom):
            text = ast.unparse(node)
            assert PACKAGE.name not in text, f"imports within the package are relative: {text}"


GRAPH = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): set(imports(path))
    for path in PACKAGE.rglob("*.py")
}


def test_every_module_is_in_a_room() -> None:
    assert {room(module) for module in GRAPH} == set(ROOMS)
    assert {module for imported in GRAPH.values() for module in imported} <= GRAPH.keys()


def test_no_module_imports_itself_in_a_circle() -> None:
    TopologicalSorter(GRAPH).prepare()


def test_imports_go_from_room_to_room_in_one_direction() -> None:
    for module, imported in GRAPH.items():
        allowed = ROOMS[ROOMS.index(room(module)) :]
        wrong = {other for other in imported if room(other) not in allowed}
        assert not wrong, f"{module} imports {wrong}"
