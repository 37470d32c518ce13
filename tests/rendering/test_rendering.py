"""What a bake writes: which files, and that they read like files and not like templates."""

import ast
import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from baking import TEMPLATE, bake, compile_stubs, rendered_files
from samples import SAMPLES

PROJECT = TEMPLATE / "{{cookiecutter.project_slug}}"
# Beside those of the engine, which test_engine.py looks at.
EVERY_FILE = [
    ".dockerignore",
    ".github/workflows/ci.yml",
    ".gitignore",
    "Dockerfile",
    "Makefile",
    "README.md",
    "buf.yaml",
    "proto/PACKAGE/v1/service.proto",
    "pyproject.toml",
    "schema/inputs.txt",
    "schema/outputs.txt",
    "schema/template.json",
    "scripts/breaking.py",
    "scripts/compile_proto.py",
    "scripts/install.py",
    "scripts/update.py",
    "src/PACKAGE/__init__.py",
    "src/PACKAGE/__main__.py",
    "src/PACKAGE/client.py",
    "src/PACKAGE/model.py",
    "src/PACKAGE/py.typed",
    "src/PACKAGE/schema.py",
    "src/PACKAGE/service.py",
    "src/PACKAGE/v1/__init__.py",
    "tests/__init__.py",
    "tests/answers.py",
    "tests/conftest.py",
    "tests/examples.py",
    "tests/files.py",
    "tests/load.py",
    "tests/messages.py",
    "tests/models.py",
    "tests/pictures.py",
    "tests/predictions.py",
    "tests/running.py",
    "tests/test_cli.py",
    "tests/test_clients.py",
    "tests/test_contract.py",
    "tests/test_errors.py",
    "tests/test_model.py",
    "tests/test_predict.py",
    "tests/test_server.py",
    "tests/test_transports.py",
    "tests/values.py",
]
ENGINE = "src/PACKAGE/engine/"
STUBS = [f"src/PACKAGE/v1/service_{end}" for end in ("pb2.py", "pb2.pyi", "pb2_grpc.py")]
MODEL = "src/PACKAGE/model.onnx"
FILES = {
    "iris": [MODEL, "tests/test_flowers.py"],
    "one": [],
    "enum_in": [],
    "enum_out": [],
    "image": [],
    "kitchen": [],
}


def files(project: Path) -> dict[str, bytes]:
    """Return the content of every file, by its path."""
    paths = sorted(path for path in project.rglob("*") if path.is_file())
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in paths}


# Which files


@pytest.mark.parametrize("sample", FILES)
def test_a_bake_writes_these_files_and_no_other(tmp_path: Path, sample: str) -> None:
    project = bake(tmp_path, **SAMPLES[sample], package_name="box")
    expected = [path.replace("PACKAGE", "box") for path in [*EVERY_FILE, *FILES[sample]]]
    engine = ENGINE.replace("PACKAGE", "box")
    found = [path for path in files(project) if not path.startswith(engine)]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("inputs", "comes_with_model"),
    [
        ("float", True),
        ("float 0..30", True),
        ("float 0..1", False),  # Not these flowers: perhaps scaled ones.
        ("double", False),
        ("float = 1", False),
    ],
)
def test_the_example_model_comes_with_schemas_that_take_its_flowers(
    tmp_path: Path, inputs: str, comes_with_model: bool
) -> None:
    names = ("sepal_length", "sepal_width", "petal_length", "petal_width")
    project = bake(tmp_path, inputs=", ".join(f"{name}: {inputs}" for name in names))
    assert any(project.glob("src/*/model.onnx")) is comes_with_model


def test_a_bake_leaves_no_empty_folder(tmp_path: Path) -> None:
    project = bake(tmp_path)
    assert [path for path in project.rglob("*") if path.is_dir() and not any(path.iterdir())] == []


def test_compiling_adds_the_stubs_only(tmp_path: Path) -> None:
    project = bake(tmp_path, package_name="box")
    before = set(files(project))
    compile_stubs(project)
    assert set(files(project)) - before == {path.replace("PACKAGE", "box") for path in STUBS}


def test_a_project_compiles_in_a_folder_of_any_name(tmp_path: Path) -> None:
    project = bake(tmp_path / "a:b; $c")
    compile_stubs(project)
    assert any(project.glob("src/*/v1/*_pb2.py"))


@pytest.mark.parametrize("sample", ["iris", "kitchen"])
def test_the_same_answers_give_the_same_bytes(tmp_path: Path, sample: str) -> None:
    first, second = (bake(tmp_path / name, **SAMPLES[sample]) for name in ("a", "b"))
    compile_stubs(first)
    compile_stubs(second)
    assert files(first) == files(second)


def test_a_file_and_the_same_text_give_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "inputs.txt"
    path.write_bytes(b"\xef\xbb\xbfage: int32 0..120\r\nname: string\r\n")
    from_file = bake(tmp_path / "a", inputs=f"@{path}", outputs="y: float")
    typed = bake(tmp_path / "b", inputs="age: int32 0..120; name: string", outputs="y: float")
    assert files(from_file) == files(typed)


def test_the_wheel_holds_the_package_whatever_the_slug_is(tmp_path: Path) -> None:
    project = bake(tmp_path, project_slug="flowers", package_name="box")
    pyproject = tomllib.loads((project / "pyproject.toml").read_text())
    assert pyproject["project"]["name"] == "flowers"
    [package] = pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert (project / package / "service.py").is_file()


# The questions


def used_answers() -> set[str]:
    """Return the names of all answers that the template makes use of."""
    sources = [path for path in PROJECT.rglob("*") if path.is_file() and "onnx" not in path.name]
    sources += (TEMPLATE / "hooks").glob("*.py")
    texts = [path.read_text() for path in sources] + [str(path) for path in sources]
    # Updates import from cookiecutter, and name its file.
    found = set(re.findall(r"(?<!from )cookiecutter\.(?!json)([a-z]\w*)", " ".join(texts)))
    package = "".join(path.read_text() for path in (TEMPLATE / "grpc_ml_template").rglob("*.py"))
    return found | set(re.findall(r'answers\["([a-z]\w*)"\]', package))


def test_every_question_is_used_and_every_answer_that_is_used_is_asked_for() -> None:
    context = json.loads((TEMPLATE / "cookiecutter.json").read_text())
    assert used_answers() == {name for name in context if not name.startswith("_")}


# How the files read


@pytest.fixture(scope="module", params=["iris", "one", "enum_in", "image", "mixed", "kitchen"])
def texts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return every text file of a project."""
    return list(rendered_files(bake(tmp_path_factory.mktemp("bake"), **SAMPLES[request.param])))


def test_nothing_of_the_template_is_left_over(texts: list[Path]) -> None:
    for path in texts:
        # Workflows have tags of their own; in the schema of the kitchen one is a description.
        text = path.read_text().replace("${{", "").replace("{{ 7*7 }}", "")
        text = text.replace(r"\{\{ 7\*7 \}\}", "")
        text = re.sub(
            r"(from |^  \"|find_spec\(\"|UpdateError\(\")cookiecutter", "", text, flags=re.MULTILINE
        )
        if path.name != "template.json":
            assert not re.search(r"\{\{ |\{%|\{#|cookiecutter|\bundefined\b", text, re.I), path


def test_every_file_ends_with_one_newline_and_has_no_ragged_edges(texts: list[Path]) -> None:
    for path in texts:
        text = path.read_bytes().decode()
        if not text:
            assert path.name in ("py.typed", "__init__.py")
            continue
        assert "\r" not in text, path
        assert text[0] not in "\n \t", path
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        ragged = [line for line in text.split("\n") if line != line.rstrip()]
        assert ragged == [], path


def test_blank_lines_come_one_at_a_time(texts: list[Path]) -> None:
    for path in texts:
        if path.suffix != ".py":
            assert "\n\n\n" not in path.read_text(), path
        else:
            assert "\n\n\n\n" not in path.read_text(), path


def test_tabs_are_in_makefiles_only(texts: list[Path]) -> None:
    assert [path.name for path in texts if "\t" in path.read_text()] == ["Makefile"]


def test_comments_and_docstrings_have_no_doubled_blanks(texts: list[Path]) -> None:
    for path in texts:
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                words = [line.strip() for line in (ast.get_docstring(node) or "").split("\n")]
                assert [line for line in words if "  " in line] == [], path


def test_the_proto_has_a_comment_on_everything(tmp_path: Path) -> None:
    project = bake(tmp_path, **SAMPLES["kitchen"])
    (proto,) = project.glob("proto/*/v1/*.proto")
    lines = proto.read_text().split("\n")
    for before, line in pairwise(lines):
        if re.match(r"\s*(message|enum|service|rpc|oneof)\b|\s+.* = \d+;", line):
            assert before.strip().startswith("//"), line
