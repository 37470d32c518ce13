"""Faults that are planted in the engine are found by its tests, or by those of a project."""

import ast
import shutil
from pathlib import Path

import pytest
from mutants import MUTANTS, Mutant, find, plant, project_of

SCHEMAS = sorted({mutant.schema for mutant in MUTANTS})


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A project of each schema that mutants are planted in, to be copied."""
    folder = tmp_path_factory.mktemp("projects")
    return {schema: project_of(schema, folder) for schema in SCHEMAS}


@pytest.fixture
def mutated(request: pytest.FixtureRequest, projects: dict[str, Path], tmp_path: Path) -> Path:
    """A project with the mutant of the test in it."""
    mutant: Mutant = request.getfixturevalue("mutant")
    project = tmp_path / "project"
    shutil.copytree(projects[mutant.schema], project)
    plant(mutant, project)
    return project


each_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)


@each_mutant
def test_every_mutant_has_a_place_and_is_python(mutant: Mutant, mutated: Path) -> None:
    [path] = mutated.glob(f"src/*/engine/{mutant.file}")
    ast.parse(path.read_text())


@pytest.mark.deep
@each_mutant
def test_every_mutant_is_found(mutant: Mutant, mutated: Path) -> None:
    found = find(mutant, mutated)
    print(found)
    assert found, f'no test finds out that "{mutant.name}" does not hold any more'
