"""What is rendered needs no edit: linters, formatters and type checkers have nothing to say."""

import os
from itertools import product
from pathlib import Path

import pytest
from baking import bake, compile_stubs, lint, run, tool
from samples import LONGEST, SAMPLES, SHORTEST, with_long_fields

from grpc_ml_template.language.rules import MOST_DIMS


@pytest.mark.parametrize("sample", SAMPLES)
def test_linters_and_formatters_find_nothing(tmp_path: Path, sample: str) -> None:
    lint(bake(tmp_path, **SAMPLES[sample]))


@pytest.mark.slow
@pytest.mark.parametrize("length", [1, 10, 15, 20, 22, 25, 30, 35, 40])
def test_the_name_of_the_model_may_be_short_or_long(tmp_path: Path, length: int) -> None:
    names = {"model_name": "m" * length, "project_slug": "s" * length, "package_name": "p" * length}
    lint(bake(tmp_path, **SAMPLES["kitchen"], **names))


@pytest.mark.parametrize("sample", ["iris", "one", "words"])
@pytest.mark.parametrize("names", [SHORTEST, LONGEST], ids=["shortest", "longest"])
def test_all_answers_may_be_short_or_long(
    tmp_path: Path, sample: str, names: dict[str, str]
) -> None:
    lint(bake(tmp_path, **SAMPLES[sample], **names))


@pytest.mark.parametrize("count", range(1, MOST_DIMS + 1))
def test_tensors_may_have_any_shape(tmp_path: Path, count: int) -> None:
    last = ["1", "?", "3", "1048576"]
    shapes = [[*first[: count - 1], size] for first in ("1" * 8, "?2" * 4) for size in last]
    kinds = ["float", "double", "int8", "uint64", "bool", "string", "bytes", "float16"]
    fields: list[str] = []
    for length, shape in product((1, 14, 22, 30, 38, 46, 50), shapes):
        name = f"a{len(fields)}".ljust(length, "x")[: max(length, 4)]
        fields.append(f"{name}: {kinds[len(fields) % len(kinds)]}[{','.join(shape)}]")
    # The tests of a project use the first input more than others, so each kind is first in turn.
    first = count % len(fields)
    inputs = [*fields[first:], *fields[:first]]
    lint(bake(tmp_path, inputs=", ".join(inputs), outputs=", ".join(fields)))


@pytest.mark.slow
@pytest.mark.parametrize("length", [15, 25, 35, 45, 50])
def test_names_of_fields_may_be_long(tmp_path: Path, length: int) -> None:
    kinds = ["float 0..1", "int32 = 3", "enum(a, b) = b", "string", "bytes", "bool", "image"]
    kinds += ["float[3] 0.1..0.9", "string[2]", "int8[?]", "double[2,?,3]", "float[?,?] 0..1"]
    fields = [f"a{place}: {kind}" for place, kind in enumerate(kinds)]
    outputs = [field.split("..")[0].split(" 0")[0].split(" =")[0] for field in fields]
    answers = {
        "inputs": with_long_fields(fields, length),
        "outputs": with_long_fields(outputs, length),
    }
    lint(bake(tmp_path, **answers))


# What the projects' own settings say; whole projects are checked with those.
MYPY_SETTINGS = """
[mypy-*.v1.*]
ignore_errors = True
[mypy-google.rpc.*,grpc_health.*,grpc_reflection.*,onnxruntime.*]
ignore_missing_imports = True
"""


@pytest.mark.slow
def test_the_type_checker_finds_nothing(tmp_path: Path) -> None:
    config = tmp_path / "mypy.ini"
    config.write_text(f"[mypy]{MYPY_SETTINGS}")
    command = [tool("mypy"), "--strict", "--config-file", str(config), "--cache-dir", os.devnull]
    folders = []
    # In one run, so that what they all import is read once.
    for sample, answers in SAMPLES.items():
        project = bake(tmp_path / sample, **answers, package_name=f"box_{sample}")
        compile_stubs(project)
        command.append(f"--untyped-calls-exclude=box_{sample}.v1")
        folders.append(str(project / "src"))
    run(*command, *folders, cwd=tmp_path)
