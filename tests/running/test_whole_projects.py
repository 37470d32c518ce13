"""Whole projects: baked, installed, linted and tested as their users would. Minutes, not seconds."""

import os
import shutil
import venv
from pathlib import Path

import pytest
from baking import TEMPLATE, TOOLS, bake, bake_with_hooks, run, tool, write_config
from samples import LONGEST, SAMPLES, many

MATRIX: dict[str, dict[str, str]] = {
    "iris": {},
    "one-field": SAMPLES["one"],
    "scalars-and-defaults": {
        "inputs": "a: float 0..1, b: double = nan, c: int32, d: int64 0..9 = 3, e: uint8, f: uint64, "
        'g: bool, h: bool = true, i: string = "", j: enum(x, y) = y, k: float[2] = 0.5',
        "outputs": "a: float16, b: double, c: int8, d: uint64, e: bool",
    },
    "vectors": SAMPLES["vectors"],
    "mixed": {
        "inputs": "x: float[3,?], kind: enum(a, b) = a",
        "outputs": "y: float[?], note: string",
    },
    "ragged": SAMPLES["ragged"],
    "enums": SAMPLES["enums"],
    "text-and-bytes": {
        "inputs": 'a: string, b: bytes, c: string[2], d: bytes = "x"',
        "outputs": "a: string, b: bytes, c: string[?], d: bytes[2]",
    },
    "images": {
        "inputs": "a: image[8,9,3], b: image, c: image[4,4,1]",
        "outputs": "a: image, b: image[2,3,4], c: enum(cat, dog)",
    },
    "photos": {"inputs": "a: image[224,224,3]", "outputs": "y: enum(cat, dog), p: float[2]"},
    "large-answers": {
        "inputs": "x: float = nan",
        "outputs": "y: float[224,224], z: image[64,64,1]",
    },
    "many-fields": {
        "inputs": many(300, ["float 0..1", "int32 = 3", "enum(a, b)", "string"]),
        "outputs": many(20, ["float", "enum(c, d)", "int64[2]"]),
    },
    "everything-with-long-names": {**SAMPLES["kitchen"], **LONGEST},
}
# Those that are tested whenever the template is; the others take too long for that. The default
# project is tested too, by the last test below.
OFTEN = ["mixed"]


@pytest.mark.slow
@pytest.mark.parametrize("names", [{"project_slug": "flowers"}, {"model_name": "Statistics"}])
def test_a_project_whose_slug_is_not_its_package_installs(
    tmp_path: Path, names: dict[str, str]
) -> None:
    project = bake(tmp_path / "baked", **SAMPLES["one"], **names)
    [package] = (path.name for path in project.glob("src/*"))
    venv.create(tmp_path / "venv")
    python = str(tmp_path / "venv" / "bin" / "python")
    run(tool("uv"), "pip", "install", "--python", python, "--no-deps", ".", cwd=project)
    is_there = f"from importlib.util import find_spec; assert find_spec('{package}')"
    run(python, "-c", is_there, cwd=tmp_path)


def environment(tools: Path, *, uv: bool) -> dict[str, str]:
    """Return the environment variables of a user who has these tools, and uv or not."""
    kept = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    folders = [str(tools), "/usr/local/bin", "/usr/bin", "/bin"]
    path = os.pathsep.join(f for f in folders if uv or not shutil.which("uv", path=f))
    return {**kept, "PATH": path}


@pytest.fixture(scope="module")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder where mypy keeps what it knows of the packages that every project needs."""
    return str(tmp_path_factory.mktemp("mypy"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in OFTEN else pytest.mark.deep) for name in MATRIX]
)
def test_a_baked_project_passes_its_own_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mypy_cache: str, name: str
) -> None:
    answers = dict(MATRIX[name])
    if name == "many-fields":
        path = tmp_path / "inputs.txt"
        path.write_text(answers["inputs"])
        answers["inputs"] = f"@{path}"
    monkeypatch.setenv("MYPY_CACHE_DIR", mypy_cache)
    monkeypatch.setenv("PATH", environment(TOOLS, uv=True)["PATH"])
    project = bake_with_hooks(tmp_path, **answers, install="yes")
    assert (project / ".venv").is_dir(), "the hook did not install"
    run("make", "lint", cwd=project)
    run("make", "test", cwd=project)
    # So many environments would fill a disk.
    shutil.rmtree(project / ".venv")


@pytest.mark.slow
def test_a_user_with_nothing_but_cookiecutter_gets_a_working_project(tmp_path: Path) -> None:
    home = tmp_path / "cookiecutter"
    venv.create(home, with_pip=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    run(*pip, "install", "cookiecutter>=2.7.1,<3", cwd=tmp_path)
    user = environment(home / "bin", uv=False)
    assert shutil.which("uv", path=user["PATH"]) is None
    target = tmp_path / "target"
    options = ["--no-input", "-o", str(target), "--config-file", str(write_config(tmp_path))]
    said = run("cookiecutter", str(TEMPLATE), *options, cwd=tmp_path, env=user)
    assert "Creating .venv with venv" in said
    assert "Iris Classifier is ready" in said
    run("make", "test", cwd=target / "iris-classifier", env=user)
