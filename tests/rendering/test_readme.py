"""What the generated README says is so, and what it shows to type works."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from baking import TEMPLATE, bake, compile_stubs, run, tool
from PIL import Image
from samples import SAMPLES

from grpc_ml_template.project.project import Project, load_project

LARGE = {
    "inputs": "pixels: float[3,32,32] 0..1, mask: bool[5,6], shown: int64[?,40], words: string[30]",
    "outputs": "y: float",
}

# Sends what grpcurl would send: it is not on any registry that these tests install from.
GRPCURL = """#!/bin/sh
test "$1 $2" = "-plaintext -d" || exit 2
data=$3
test "$data" = @ && data=@-
exec {buf} curl --protocol grpc --http2-prior-knowledge --data "$data" "http://$4/$5"
"""
COMMAND = """#!/bin/sh
exec {python} -m {package} "$@"
"""


def blocks(readme: str, language: str) -> list[str]:
    """Return the blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)


def rows(readme: str, first: str) -> list[list[str]]:
    """Return the cells of the table whose first header this is."""
    table = re.search(rf"^\| {first} \|.*\n\| --- .*\n((?:\|.*\n)+)", readme, re.MULTILINE)
    assert table, f"no table of {first}"
    lines = table[1].splitlines()
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


# What it says


def test_configuration_table_is_that_of_the_settings(tmp_path: Path) -> None:
    project = bake(tmp_path)
    readme = (project / "README.md").read_text()
    path = next(project.glob("src/*/engine/settings.py"))
    spec = importlib.util.spec_from_file_location("baked_settings", path)
    assert spec
    assert spec.loader
    settings = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(settings)
    assert rows(readme, "Variable") == [
        [f"`SERVER_{name.upper()}`", f"`{field.default}`", field.description]
        for name, field in settings.Settings.model_fields.items()
    ]


@pytest.mark.parametrize("sample", SAMPLES)
def test_tables_have_a_row_for_every_field(tmp_path: Path, sample: str) -> None:
    readme = (bake(tmp_path, **SAMPLES[sample]) / "README.md").read_text()
    service = service_of(SAMPLES[sample])
    for header, fields in (("Input", service.input_fields), ("Output", service.output_fields)):
        table = rows(readme, header)
        assert [row[0] for row in table] == [f"`{field.name}`" for field in fields]
        assert len({len(row) for row in table}) == 1
        for row, field in zip(table, fields, strict=True):
            plain = [re.sub(r"\\(.)", r"\1", cell) for cell in row]
            assert not field.description or plain[-1] == field.description
            assert field.kind != "enum" or any(field.labels[-1] in cell for cell in plain)


@pytest.mark.parametrize("sample", ["iris", "one", "kitchen"])
def test_files_that_it_names_are_there(tmp_path: Path, sample: str) -> None:
    project = bake(tmp_path, **SAMPLES[sample])
    compile_stubs(project)
    readme = (project / "README.md").read_text()
    package = next(project.glob("src/*"))
    for link in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (project / link).is_file()
    layout = blocks(readme, "")[0]
    for name in re.findall(r"[\w/]+\.py\b", layout):
        assert (package / name).is_file()
    for name in re.findall(r"^(\w[\w/]*)/", layout, re.MULTILINE):
        assert (project / name).is_dir()
    for name in re.findall(r"^    (\w+)/", layout, re.MULTILINE):
        assert (package / "engine" / name).is_dir()
    schema_section = readme[readme.index("## Changing the schema") :]
    for name in re.findall(r"`(\w+\.py)`", schema_section):
        assert (package / name).is_file()


@pytest.mark.parametrize(
    ("sample", "is_placeholder"), [("iris", False), ("one", True), ("kitchen", True)]
)
def test_a_placeholder_is_called_one(tmp_path: Path, sample: str, is_placeholder: bool) -> None:
    readme = (bake(tmp_path, **SAMPLES[sample]) / "README.md").read_text()
    assert ("placeholder" in readme) == is_placeholder


def test_it_says_how_open_the_server_is_and_how_to_change_that(tmp_path: Path) -> None:
    readme = (bake(tmp_path) / "README.md").read_text()
    for words in ("listens on all addresses, unencrypted", "by reflection"):
        assert words in readme
    for change in ("`SERVER_HOST=127.0.0.1`", "a proxy with TLS", "`SERVER_REFLECTION=false`"):
        assert change in readme


@pytest.mark.parametrize("sample", ["iris", "one"])
def test_it_has_a_place_for_the_origin_and_the_licence_of_the_model(
    tmp_path: Path, sample: str
) -> None:
    project = bake(tmp_path, **SAMPLES[sample])
    readme = (project / "README.md").read_text()
    section = readme.partition("## Origin and licence of the model")[2].partition("\n## ")[0]
    if sample == "iris":
        for words in ("Fisher", "scikit-learn", "CC BY 4.0", "train_iris.py", "Apache License"):
            assert words in section
    else:
        assert "Say here" in section
    # A licence for what is the user's own is theirs to choose.
    assert "license" not in (project / "pyproject.toml").read_text()
    assert "no licence until you choose one" in section


def test_text_of_users_stays_text(tmp_path: Path) -> None:
    project = bake(
        tmp_path,
        model_name="A *B* <script> [c](d) | `e`",
        project_slug="a-b",
        package_name="a_b",
        description="{{ 1 }} <img src=x> | **bold** \\",
        inputs='x: enum("<b>|", "a\\\\") "one | two <i> `three`"',
        outputs="y: float",
    )
    readme = (project / "README.md").read_text()
    assert "# A \\*B\\* \\<script\\> \\[c\\](d) \\| \\`e\\`" in readme
    assert "\\{\\{ 1 \\}\\} \\<img src=x\\> \\| \\*\\*bold\\*\\* \\\\" in readme
    text = "one \\| two \\<i\\> \\`three\\`"
    assert rows(readme, "Input") == [["`x`", "`enum`", "\\<b\\>\\|, a\\\\", text]]


# What it shows


@dataclass(frozen=True)
class Shell:
    """Runs what the README shows, in a project whose server is up."""

    project: Path
    folder: Path
    environment: dict[str, str]
    port: int

    def run(self, text: str) -> str:
        """Run lines of shell and return what they print."""
        text = text.replace("localhost:50051", f"localhost:{self.port}")
        text = text.replace(" predict ", f" predict --server localhost:{self.port} ")
        command = ["bash", "-euo", "pipefail", "-c", text]
        return run(*command, cwd=self.folder, env=self.environment)

    def python(self, text: str) -> str:
        """Run a block of Python."""
        text = text.replace("localhost:50051", f"localhost:{self.port}")
        return run(sys.executable, "-c", text, cwd=self.folder, env=self.environment)


def service_of(answers: dict[str, str]) -> Project:
    """Return what the answers describe."""
    texts = {}
    for name in ("inputs", "outputs"):
        text = answers.get(name) or defaults()[name]
        texts[name] = Path(text[1:]).read_text() if text.startswith("@") else text
    named = {"model_name": "Iris Classifier", "description": "", "author": ""}
    named |= {"project_slug": "iris-classifier", "package_name": "iris_classifier"}
    return load_project({**named, **texts})


def defaults() -> dict[str, str]:
    """Return the answers that cookiecutter.json offers."""
    text = (TEMPLATE / "cookiecutter.json").read_text()
    answers: dict[str, str] = json.loads(text)
    without_source = re.compile(r"\{% if cookiecutter.source %\}.*?\{% else %\}(.*)\{% endif %\}")
    return {name: without_source.sub(r"\1", str(text)) for name, text in answers.items()}


@contextmanager
def serving(project: Path, folder: Path) -> Iterator[Shell]:
    """Serve a project from its source, with commands in its environment's place."""
    compile_stubs(project)
    package = next(project.glob("src/*")).name
    commands = folder / "bin"
    commands.mkdir(parents=True)
    scripts = {
        "grpcurl": GRPCURL.format(buf=tool("buf")),
        project.name: COMMAND.format(python=sys.executable, package=package),
    }
    for name, script in scripts.items():
        (commands / name).write_text(script)
        (commands / name).chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(project / "src"),
        "PYTHONWARNINGS": "error",
        "SERVER_PORT": str(port),
    }
    server = subprocess.Popen(
        [sys.executable, "-m", package, "serve"], cwd=project, env=environment
    )
    try:
        wait_until_open(port, server)
        yield Shell(project, folder, environment, port)
    finally:
        server.terminate()
        assert server.wait(timeout=30) == 0


def wait_until_open(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server listens; callers wait for the model themselves."""
    for _ in range(600):
        assert server.poll() is None, "the server did not start"
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the server does not listen")


def write_images(folder: Path, service: Project) -> None:
    """Write the files that the examples name."""
    for field in service.inputs:
        if field.field.kind == "image":
            height, width, channels = field.field.dims
            mode = {1: "L", 3: "RGB", 4: "RGBA"}[channels or 3]
            Image.new(mode, (width or 2, height or 2)).save(folder / f"{field.name}.png")
        elif field.python_type == "bytes":
            (folder / f"{field.name}.bin").write_bytes(b"\x00raw\xff")


@pytest.mark.slow
@pytest.mark.parametrize(
    "answers",
    [
        pytest.param(SAMPLES["kitchen"], id="kitchen"),
        pytest.param(SAMPLES["image_in"], id="image"),
        pytest.param(SAMPLES["words"], id="words"),
        pytest.param(LARGE, id="large"),
        pytest.param(SAMPLES["bytes"], id="bytes", marks=pytest.mark.deep),
        pytest.param(SAMPLES["integers"], id="integers", marks=pytest.mark.deep),
        pytest.param(SAMPLES["many"], id="many", marks=pytest.mark.deep),
        pytest.param(
            {"inputs": "a: float = nan, b: bool = true", "outputs": "y: bool"},
            id="optional",
            marks=pytest.mark.deep,
        ),
    ],
)
def test_examples_of_placeholders_work(tmp_path: Path, answers: dict[str, str]) -> None:
    project = bake(tmp_path, **answers)
    readme = (project / "README.md").read_text()
    folder = tmp_path / "shell"
    single, batch = blocks(readme, "python")
    command, grpcurl = blocks(readme, "sh")[1:3]
    command, *_ = command.split(f"\n{project.name} ")
    with serving(project, folder) as shell:
        write_images(folder, service_of(answers))
        assert shell.python(single)
        if "read_csv" not in batch:
            assert shell.python(batch)
        if "--json" not in command:
            assert "model_version" in shell.run(command)
        assert json.loads(shell.run(grpcurl))["modelVersion"] == "0.0.0"


@pytest.mark.slow
def test_examples_of_the_iris_model_work(tmp_path: Path) -> None:
    project = bake(tmp_path)
    readme = (project / "README.md").read_text()
    folder = tmp_path / "shell"
    single, batch = blocks(readme, "python")
    commands, grpcurl = blocks(readme, "sh")[1:3]
    iris = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
    with serving(project, folder) as shell:
        (folder / "instances.json").write_text(json.dumps(iris))
        table: list[Iterable[object]] = [iris.keys(), iris.values(), (6.7, 3.0, 5.2, 2.3)]
        (folder / "instances.csv").write_text(
            "".join(",".join(map(str, row)) + "\n" for row in table)
        )
        assert shell.python(single) == "setosa\n"
        assert shell.python(batch) == "['setosa', 'virginica']\n"
        assert "SERVING" in shell.run(commands)
        answers = csv.DictReader(io.StringIO((folder / "predictions.csv").read_text()))
        assert [answer["species"] for answer in answers] == ["setosa", "virginica"]
        answer = json.loads(shell.run(grpcurl))
        assert answer["prediction"]["species"] == "SPECIES_SETOSA"
