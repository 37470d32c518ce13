"""Which names a schema and a model cannot have: those that the generated code needs, no others.

The lists of names.py are held against projects that are baked here, whose fields have names that
no code would use: `probe_...`.
"""

import ast
import itertools
import re
import sys
import tomllib
import venv
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path
from typing import NamedTuple

import click
import pytest
import typer
from baking import bake, compile_stubs
from samples import SAMPLES, SCHEMAS
from serving import importable

from grpc_ml_template import names
from grpc_ml_template.answers import PACKAGE, SLUG
from grpc_ml_template.fields import SCALARS
from grpc_ml_template.proto import MESSAGES
from grpc_ml_template.rules import FIELD_NAME

PACKAGE_NAME = "box_of_probes"
MODEL = "ProbeModel"
NUMBERS = itertools.count()


def probing(name: str) -> str:
    """Return a schema of the samples with every field's name changed."""
    text = (SCHEMAS / f"{name}.txt").read_text()
    side = "out" if name.endswith("_out") else "in"
    return re.sub(r"^(?=\w+:)", f"probe_{side}_", text, flags=re.MULTILINE)


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


def modules(project: Path) -> Iterator[ast.Module]:
    """Yield the code that was rendered, file by file."""
    for path in sorted((*project.glob("src/*/*.py"), *project.glob("tests/*.py"))):
        yield ast.parse(path.read_text())


def loaded(*nodes: ast.AST) -> set[str]:
    """Return the names that code refers to."""
    found = (child for node in nodes for child in ast.walk(node))
    return {node.id for node in found if isinstance(node, ast.Name)}


# Names of fields


class Meeting(NamedTuple):
    """A scope where fields are names, and the other names that matter in it."""

    fields: set[str]
    others: set[str]


def meetings(project: Path) -> Iterator[Meeting]:
    """Yield where fields are parameters, attributes or keywords, with the names beside them."""
    for node in (node for module in modules(project) for node in ast.walk(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = node.args
            parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            bound, met = {parameter.arg for parameter in parameters}, loaded(*node.body)
            if arguments.kwarg and "Unpack" in loaded(arguments.kwarg):
                # Its fields are keywords beside the parameters, and no names in the body.
                bound, met = bound | {"probe_in_age"}, set()
        elif isinstance(node, ast.ClassDef):
            columns = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            bound = loaded(*(column.target for column in columns))
            # What a TypedDict holds are keys, which hide no names.
            is_dict = "TypedDict" in loaded(*node.bases)
            met = set() if is_dict else loaded(*(column.annotation for column in columns))
        elif isinstance(node, ast.Call):
            bound, met = {keyword.arg or "" for keyword in node.keywords}, set()
        else:
            continue
        fields = {name for name in bound if name.startswith("probe_")}
        if fields:
            yield Meeting(fields, (bound | met) - fields)


def test_fields_have_any_names_but_those_that_the_code_has_beside_them(project: Path) -> None:
    inputs, outputs = set[str](), set[str]()
    for fields, others in meetings(project):
        taken = {name for name in others if FIELD_NAME.fullmatch(name)}
        if any(name.startswith("probe_out_") for name in fields):
            outputs |= taken
        else:
            inputs |= taken
    assert inputs == names.INPUTS_TAKEN
    assert outputs == names.OUTPUTS_TAKEN


def predict_options(project: Path) -> list[click.Parameter]:
    """Return what the command predict of a project takes."""
    with importable(project):
        main = import_module(f"{PACKAGE_NAME}.engine.commands.main")
        app = main.whole_app(import_module(f"{PACKAGE_NAME}.__main__").PROJECT)
        command = typer.main.get_command(app)
        predict = command.commands["predict"]  # type: ignore[attr-defined]
        context = predict.make_context("predict", [], resilient_parsing=True)
        return list(predict.get_params(context))


def test_the_parameters_of_fields_and_no_others_end_as_no_name_does(project: Path) -> None:
    found = [str(option.name) for option in predict_options(project)]
    ours = [name for name in found if name.startswith("probe_")]
    assert ours
    assert [name for name in found if name.endswith("_")] == ours
    assert {name for name in found if name not in ours} == names.OPTIONS_TAKEN


def test_options_of_fields_are_none_that_the_command_has(project: Path) -> None:
    options = [option for parameter in predict_options(project) for option in parameter.opts]
    options = [option.removeprefix("--").replace("-", "_") for option in options]
    assert len(options) == len(set(options))
    assert {name for name in options if not name.startswith("probe_")} == names.OPTIONS_TAKEN


# Names of enums


def test_types_of_labels_are_called_as_nothing_else_is(project: Path) -> None:
    [schema] = (ast.parse(path.read_text()) for path in project.glob("src/*/schema.py"))
    made = [node for node in schema.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    ours = {name for name in loaded(*made) if re.fullmatch(r"\w+(Label|_LABELS)", name)}
    assert any(name.startswith("Probe") for name in ours)
    found = set().union(*map(all_names, modules(project)))
    assert {name for name in found if re.fullmatch(r"\w+(Label|_LABELS)", name)} == ours


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
        for module in ("__main__", "client", "schema", "service"):
            import_module(f"{package}.{module}")


# Names of models


def all_names(module: ast.Module) -> set[str]:
    """Return every name that a module defines, imports or refers to."""
    found = loaded(module)
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name)
    return found


def test_no_code_is_named_after_the_model_but_what_the_proto_makes(
    project: Path, example: Path
) -> None:
    for module in (*modules(project), *modules(example)):
        assert not {name for name in all_names(module) if MODEL in name}


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
