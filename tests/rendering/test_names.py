"""Which names a schema cannot have: those that the generated code needs, no others.

What the template works out is held against projects that are baked here, whose fields have names
that no code would use: `probe_...`.
"""

import ast
import inspect
import itertools
import re
import sys
import tomllib
import venv
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType

import pytest
import typer
from baking import bake, compile_stubs
from samples import SAMPLES, SCHEMAS
from serving import importable

from grpc_ml_template.language.fields import SCALARS
from grpc_ml_template.language.rules import FIELD_NAME
from grpc_ml_template.project import names
from grpc_ml_template.project.answers import PACKAGE, SLUG
from grpc_ml_template.project.enums import MESSAGES
from grpc_ml_template.project.taken import CODE_HAS_IT, INPUTS_TAKEN, OUTPUTS_TAKEN

PACKAGE_NAME = "box_of_probes"
MODEL = "ProbeModel"
NUMBERS = itertools.count()


def probing(name: str) -> str:
    """Return a schema of the samples with every field's name changed."""
    text = (SCHEMAS / f"{name}.txt").read_text()
    side = "out" if name.endswith("_out") else "in"
    # So are the names of enums in vectors of their labels.
    return re.sub(r"^(?=\w+:)|(?<=\[)(?=[a-z])", f"probe_{side}_", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with every kind of field, and a model whose name nothing else begins with."""
    project = bake(
        tmp_path_factory.mktemp("probes"),
        inputs=probing("kitchen"),
        outputs=probing("kitchen_out"),
        model_name="Probe Model",
        package_name=PACKAGE_NAME,
    )
    compile_stubs(project)
    return project


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the example model, whose name nothing else begins with."""
    return bake(tmp_path_factory.mktemp("example"), model_name="Probe Model")


def module(project: Path, name: str) -> ModuleType:
    """Import a module of a project."""
    with importable(project):
        return import_module(f"{PACKAGE_NAME}.{name}")


def loaded(*nodes: ast.AST) -> set[str]:
    """Return the names that code refers to."""
    found = (child for node in nodes for child in ast.walk(node))
    return {node.id for node in found if isinstance(node, ast.Name)}


# Names of fields


def class_names(project: Path) -> Iterator[set[str]]:
    """Yield the names in each class that has fields: its attributes, and what types them.

    The keys of a TypedDict hide no names.
    """
    [path] = project.glob("src/*/schema.py")
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef) and "TypedDict" not in loaded(*node.bases):
            lines = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            yield {name for name in loaded(*lines) if FIELD_NAME.fullmatch(name)}


def options(project: Path) -> dict[str, str]:
    """Return the options of the command `predict`, each with the name of its parameter."""
    commands = module(project, "engine.commands.main")
    app = commands.whole_app(module(project, "__main__").PROJECT)
    predict = typer.main.get_command(app).commands["predict"]  # type: ignore[attr-defined]
    context = predict.make_context("predict", [], resilient_parsing=True)
    found = [(o, each.name) for each in predict.get_params(context) for o in each.opts]
    assert len(found) == len(dict(found))
    return {option.removeprefix("--").replace("-", "_"): name for option, name in found}


def test_inputs_have_any_names_but_those_that_the_code_has_beside_them(project: Path) -> None:
    client = module(project, "client")
    beside = {*options(project)}
    for each in (client.Client, client.AsyncClient):
        beside |= inspect.signature(each.predict).parameters.keys()
    for names_of_class in class_names(project):
        beside |= names_of_class if "probe_in_age" in names_of_class else set()
    assert {name for name in beside if not name.startswith("probe_")} == INPUTS_TAKEN.keys()


def test_outputs_have_any_names_but_those_that_the_code_has_beside_them(project: Path) -> None:
    beside = set[str]()
    for names_of_class in class_names(project):
        beside |= set() if "probe_in_age" in names_of_class else names_of_class
    assert {name for name in beside if not name.startswith("probe_")} == OUTPUTS_TAKEN.keys()


def test_options_of_inputs_are_none_that_the_command_has(project: Path) -> None:
    others = {name for name in options(project) if not name.startswith("probe_")}
    taken = {name for name, has_it in INPUTS_TAKEN.items() if has_it != CODE_HAS_IT}
    assert others == taken


def test_parameters_of_options_end_as_no_other_of_the_command_does(project: Path) -> None:
    for option, parameter in options(project).items():
        assert parameter.endswith("_") == option.startswith("probe_")


# Names of enums


def all_names(tree: ast.Module) -> set[str]:
    """Return every name that a module defines, imports or refers to."""
    found = loaded(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name)
    return found


def test_types_of_labels_are_called_as_nothing_else_is(project: Path) -> None:
    paths = [*project.glob("src/*/*.py"), *project.glob("tests/*.py")]
    found = set[str]().union(*(all_names(ast.parse(path.read_text())) for path in paths))
    labels = {name for name in found if re.fullmatch(r"\w+(Label|_LABELS)", name)}
    assert labels
    assert all(name.startswith(("Probe", "PROBE")) for name in labels)


def test_enums_are_called_as_no_message_is(tmp_path: Path) -> None:
    ragged = ", ".join(f"f_{name}: {name}[?,?]" for name in SCALARS)
    protos = (
        next(bake(tmp_path / str(number), **answers).glob("proto/*/v1/*.proto")).read_text()
        for number, answers in enumerate([SAMPLES["kitchen"], {"inputs": ragged}])
    )
    assert {found for text in protos for found in re.findall(r"^message (\w+)", text, re.M)} == (
        MESSAGES
    )


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ("none: enum(a), true: enum(b)", "none: enum(c)"),
        ("a_b: enum(x)", "ab: enum(y)"),
        ('kind: enum("label unspecified", unspecified), kind_label: enum(b)', "kind: enum(c)"),
        ("instance: enum(a), foo_service: enum(b), float_tensor: enum(c)", "y: float[?,?]"),
        ("any: enum(a), text: enum(b), value_error: enum(c), iterator: enum(d)", "any: enum(e)"),
    ],
)
def test_enums_of_any_names_compile_and_import(tmp_path: Path, inputs: str, outputs: str) -> None:
    package = f"box_of_enums_{next(NUMBERS)}"
    answers = {"model_name": "Foo", "package_name": package}
    project = bake(tmp_path, inputs=inputs, outputs=outputs, **answers)
    compile_stubs(project)
    with importable(project):
        for name in ("client", "schema", "__main__"):
            import_module(f"{package}.{name}")


# Names of models


def test_no_code_is_named_after_the_model_but_what_the_proto_makes(
    project: Path, example: Path
) -> None:
    for path in (*project.glob("src/*/*.py"), *example.glob("src/*/*.py")):
        assert not {name for name in all_names(ast.parse(path.read_text())) if MODEL in name}


def test_the_service_is_called_as_no_message_is() -> None:
    assert not {name for name in MESSAGES if name.endswith("Service")}


# Names of packages and projects


def requirements(project: Path) -> dict[str, metadata.Distribution]:
    """Return the distributions that a project brings along, as far as they are installed here."""
    pyproject = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    todo = list(
        itertools.chain(pyproject["dependencies"], *pyproject["optional-dependencies"].values())
    )
    found: dict[str, metadata.Distribution] = {}
    while todo:
        named = re.match(r"[\w.-]+", todo.pop())
        assert named
        name = re.sub(r"[-_.]+", "-", named[0]).lower()
        if name not in found:
            try:
                found[name] = metadata.distribution(name)
            except metadata.PackageNotFoundError:
                continue  # For another system, or another version of Python.
            requires = found[name].requires or []
            todo += [requirement for requirement in requires if "extra ==" not in requirement]
    return found


def test_a_project_is_not_called_like_what_it_installs(project: Path, example: Path) -> None:
    found = {**requirements(project), **requirements(example)}
    assert {name for name in found if SLUG.fullmatch(name)} <= names.SLUGS_TAKEN


def test_a_projects_command_is_none_of_its_environment(
    project: Path, example: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "venv")
    commands = {path.name for path in (tmp_path / "venv" / "bin").iterdir()}
    for distribution in {**requirements(project), **requirements(example)}.values():
        commands |= {
            path.name for path in distribution.files or [] if path.parts[-2:-1] == ("bin",)
        }
    assert {name for name in commands if SLUG.fullmatch(name)} <= names.SLUGS_TAKEN


def test_a_package_is_called_like_no_module_that_it_needs(project: Path, example: Path) -> None:
    needed = {name.lower() for name in sys.stdlib_module_names}
    for distribution in {**requirements(project), **requirements(example)}.values():
        for path in distribution.files or []:
            if len(path.parts) > 1 or path.suffix == ".py":
                needed.add(path.parts[0].removesuffix(".py").lower())
    assert {name for name in needed if PACKAGE.fullmatch(name)} <= names.PACKAGES_TAKEN
