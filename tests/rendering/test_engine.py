"""The engine is the same in every project: copied, never rendered, and it knows none of them."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from baking import TEMPLATE, bake
from samples import SAMPLES

ENGINE = TEMPLATE / "{{cookiecutter.project_slug}}/src/{{cookiecutter.package_name}}/engine"
# What names a project, and what renders one.
NOT_TO_NAME = ("iris", "classifier", "sepal", "petal", "species", "cookiecutter", "{{", "{%", "{#")


def contents(folder: Path) -> dict[str, bytes]:
    """Return the content of every file, by its path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module", params=["iris", "kitchen"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """The engine of a project, whose names are none of the template's."""
    names = {"model_name": "Zebra Crossing", "project_slug": "zebra", "package_name": "crossing"}
    project = bake(tmp_path_factory.mktemp("bake"), **SAMPLES[request.param], **names)
    return contents(project / "src" / "crossing" / "engine")


def test_the_engine_of_a_project_is_that_of_the_template_byte_by_byte(
    engine: dict[str, bytes],
) -> None:
    assert engine == contents(ENGINE)


def test_the_engine_has_the_files_that_git_knows_and_no_other(engine: dict[str, bytes]) -> None:
    known = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ENGINE, capture_output=True, text=True, check=True
    )
    assert sorted(engine) == sorted(known.stdout.rstrip("\0").split("\0"))


def modules() -> Iterator[Path]:
    """Yield every module of the engine."""
    yield from sorted(ENGINE.rglob("*.py"))


def test_the_engine_names_nothing_of_a_project() -> None:
    found = [
        (path.relative_to(ENGINE).as_posix(), word)
        for path in modules()
        for word in NOT_TO_NAME
        if word in path.read_text().lower()
    ]
    assert found == []


def test_the_engine_imports_nothing_above_itself() -> None:
    for path in modules():
        depth = len(path.relative_to(ENGINE).parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.level <= depth, f"{path.relative_to(ENGINE)}:{node.lineno}"
