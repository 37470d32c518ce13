"""Any name that is accepted works: drawn from all that the generated code, and Python, use."""

import keyword
import os
import shutil
import sys
from pathlib import Path

import pytest
from baking import TOOLS, bake, bake_with_hooks, compile_stubs, lint, run, tool
from drawn_names import Draw, draw, field_names, model_names, schema_of
from samples import SAMPLES

from grpc_ml_template.project.taken import INPUTS_TAKEN, OUTPUTS_TAKEN

FIELDS = 40
SCHEMAS = 25
# Fields of a project whose own tests are all run, which takes some seconds a field.
FIELDS_OF_WHOLE = 12
EVERY_MODULE = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
    importlib.import_module(module.name)
"""
# Of the project's own tests, those that send its examples through clients and commands.
ANSWERING = ["tests/test_model.py", "tests/test_predict.py", "tests/test_cli.py"]
ON_ONE_TRANSPORT = "not grpcio and not load and not no_server"


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project whose identifiers are drawn."""
    project = bake(tmp_path_factory.mktemp("kitchen"), **SAMPLES["kitchen"])
    compile_stubs(project)
    return project


@pytest.fixture(scope="module")
def drawn(kitchen: Path) -> Draw:
    """All names there are, in an order that is the same every time."""
    return draw(field_names(kitchen), seed=9)


def drawn_answers(folder: Path, drawn: Draw, number: int, fields: int = FIELDS) -> dict[str, str]:
    """Return the answers for a project with as many of the names that have this number."""
    first = number * FIELDS % (len(drawn.accepted) - FIELDS)
    schema = schema_of(drawn.accepted[first : first + fields], seed=number)
    paths = {side: folder / f"{side}.txt" for side in schema}
    for side, path in paths.items():
        path.write_text(schema[side])
    files = {side: f"@{path}" for side, path in paths.items()}
    return {"package_name": f"drawn_{number}", **files}


def bake_drawn(folder: Path, drawn: Draw, number: int, **answers: str) -> Path:
    """Bake a project with the names that have this number."""
    return bake(folder, **{**drawn_answers(folder, drawn, number), **answers})


def check_answers(project: Path) -> None:
    """Import all modules of a project, and send its examples through clients and commands."""
    [package] = (path.name for path in project.glob("src/*"))
    env = {**os.environ, "PYTHONPATH": "src"}
    run(sys.executable, "-c", EVERY_MODULE, package, cwd=project, env=env)
    options = ["-q", "-x", "-p", "no:cacheprovider", "-k", ON_ONE_TRANSPORT]
    run(sys.executable, "-m", "pytest", *options, *ANSWERING, cwd=project, env=env)


def test_nearly_every_name_is_accepted_and_the_others_are_refused_for_a_reason(drawn: Draw) -> None:
    assert len(drawn.accepted) > SCHEMAS * FIELDS
    assert len(drawn.refused) < 0.05 * len(drawn.accepted)
    assert drawn.refused.keys() <= {*INPUTS_TAKEN, *OUTPUTS_TAKEN, *keyword.kwlist}
    assert all("; choose another, like " in message for message in drawn.refused.values())


@pytest.mark.parametrize("number", [0, pytest.param(1, marks=pytest.mark.deep)])
def test_a_schema_of_hostile_names_answers(tmp_path: Path, drawn: Draw, number: int) -> None:
    project = bake_drawn(tmp_path, drawn, number)
    lint(project)
    compile_stubs(project)
    check_answers(project)


@pytest.mark.deep
@pytest.mark.parametrize("number", range(2, SCHEMAS))
def test_a_thousand_hostile_names_answer(tmp_path: Path, drawn: Draw, number: int) -> None:
    project = bake_drawn(tmp_path, drawn, number)
    compile_stubs(project)
    check_answers(project)


@pytest.mark.deep
@pytest.mark.parametrize("number", range(40))
def test_schemas_of_hostile_names_have_nothing_to_lint(
    tmp_path: Path, drawn: Draw, number: int
) -> None:
    lint(bake_drawn(tmp_path, drawn, number, package_name="p" * (number + 1)))


@pytest.mark.deep
@pytest.mark.parametrize("number", range(10))
def test_schemas_of_hostile_names_have_the_right_types(
    tmp_path: Path, drawn: Draw, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MYPY_CACHE_DIR", str(tmp_path / "cache"))
    project = bake_drawn(tmp_path, drawn, 10 + number)
    compile_stubs(project)
    run(tool("mypy"), cwd=project)


@pytest.mark.deep
@pytest.mark.parametrize("number", range(8))
def test_projects_with_slugs_unlike_their_packages_pass_their_own_checks(
    tmp_path: Path, drawn: Draw, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([str(TOOLS), "/usr/local/bin", "/usr/bin", "/bin"]))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    slug = f"slug-{number}"
    answers = drawn_answers(tmp_path, drawn, 20 + number, FIELDS_OF_WHOLE)
    project = bake_with_hooks(tmp_path, **answers, install="yes", project_slug=slug)
    assert (project / ".venv" / "bin" / slug).exists(), "the hook did not install"
    run("make", "test", "lint", cwd=project)
    shutil.rmtree(project / ".venv")


MODELS = ["Gate", "Limits", "Predictor", "Iterator", "Async Iterator", "Background", "Service"]
MODELS += ["I", "O", "None", "Value", "Inputs", "Exception", "Model", "Client", "Schema"]


@pytest.mark.parametrize("model_name", MODELS)
def test_a_model_may_be_called_like_a_class_of_the_service(tmp_path: Path, model_name: str) -> None:
    project = bake(tmp_path, **SAMPLES["image_in"], model_name=model_name)
    lint(project)
    compile_stubs(project)
    [package] = (path.name for path in project.glob("src/*"))
    env = {**os.environ, "PYTHONPATH": "src"}
    run(sys.executable, "-c", EVERY_MODULE, package, cwd=project, env=env)


@pytest.mark.deep
@pytest.mark.parametrize("part", range(4))
def test_models_called_like_any_class_of_the_service_answer(
    tmp_path: Path, kitchen: Path, part: int
) -> None:
    found = model_names(kitchen)
    drawn = found[part :: len(found) // 8]
    assert len(drawn) >= 8
    for model_name in drawn:
        project = bake(tmp_path / model_name, **SAMPLES["mixed"], model_name=model_name)
        lint(project)
        compile_stubs(project)
        check_answers(project)
