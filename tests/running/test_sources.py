"""Projects that are made for a model answer as its own library does, with nothing left to write."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from baking import bake_with_hooks, lint, run, tool
from recorded import MODELS, NAMES, made_for, model_of, package_of, run_in

OF_ONNX = [name for name in NAMES if name.startswith("onnx_")]
OF_TORCH = [name for name in NAMES if name.startswith("torch_")]
OF_OTHERS = [name for name in NAMES if name not in [*OF_ONNX, *OF_TORCH]]
# What runs all models that are kept, each in the version that it was made with.
LIBRARIES = [
    "catboost==1.2.10",
    "lightgbm>=4,<5",
    "mlflow-skinny==3.17.2",
    "scikit-learn==1.9.1",
    "skops==0.16.0",
    "tokenizers>=0.21",
    "xgboost-cpu==3.2.0",
]
TORCH = "torch==2.13.0+cpu"
GOLDEN_TESTS = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_golden.py")


def assert_proven(project: Path, python: str) -> None:
    """Check that the service answers the golden rows as they are, and as the library does now."""
    package = package_of(project)
    lint(project)
    assert "passed" in run_in(project, python, *GOLDEN_TESTS)
    run_in(project, python, "-m", package.name, "probe")
    golden = json.loads((package / "golden.json").read_text())
    assert not golden["made_by"].startswith("recorded")
    assert "passed" in run_in(project, python, *GOLDEN_TESTS)


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_ONNX)
def test_an_onnx_model_is_served_and_answers_as_it_has_before(tmp_path: Path, name: str) -> None:
    assert_proven(made_for(name, tmp_path), sys.executable)


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python of an environment with the libraries of all models that are kept."""
    folder = tmp_path_factory.mktemp("libraries")
    python = str(folder / "bin" / "python")
    run(tool("uv"), "venv", "--quiet", "--python", sys.executable, str(folder), cwd=folder)
    packages = ["--requirements", str(MODELS.parents[2] / "pyproject.toml"), "--extra", "test"]
    run(tool("uv"), "pip", "install", "--python", python, *packages, *LIBRARIES, cwd=folder)
    return python


@pytest.mark.deep
@pytest.mark.xdist_group("libraries")
@pytest.mark.parametrize("name", OF_OTHERS)
def test_a_model_of_any_library_is_served_and_answers_as_it_has_before(
    tmp_path: Path, libraries: str, name: str
) -> None:
    assert_proven(made_for(name, tmp_path, libraries), libraries)


@pytest.fixture(scope="session")
def with_torch(libraries: str) -> str:
    """The same with PyTorch, in its build without CUDA, which PyPI does not have."""
    found = {"UV_FIND_LINKS": os.environ.get("PIP_FIND_LINKS", "")}
    for more in ([], ["--torch-backend", "cpu"]):
        command = [tool("uv"), "pip", "install", "--python", libraries, TORCH, *more]
        done = subprocess.run(command, env={**os.environ, **found}, capture_output=True)
        if done.returncode == 0:
            return libraries
    pytest.skip(f"{TORCH} cannot be installed here")


@pytest.mark.deep
@pytest.mark.xdist_group("libraries")
@pytest.mark.parametrize("name", OF_TORCH)
def test_a_program_of_pytorch_is_served_and_answers_as_it_has_before(
    tmp_path: Path, with_torch: str, name: str
) -> None:
    assert_proven(made_for(name, tmp_path, with_torch), with_torch)


@pytest.mark.slow
def test_one_answer_makes_installs_and_proves_the_service_of_a_model(tmp_path: Path) -> None:
    project = bake_with_hooks(tmp_path, source=str(model_of("onnx_columns")), install="yes")
    package = package_of(project)
    assert json.loads((package / "golden.json").read_text())["rows"]
    assert re.search(
        r"^TAKES = takes\.Together\(\)  # \S", (package / "model.py").read_text(), re.M
    )
    kept = json.loads((project / "schema" / "template.json").read_text())
    assert kept["takes"].startswith("takes.Together()")
    assert "passed" in run("make", "test", cwd=project)
    run("make", "lint", cwd=project)


@pytest.mark.slow
def test_check_asks_a_server_about_the_golden_rows_and_tells_what_differs(tmp_path: Path) -> None:
    project = made_for("onnx_iris_zipmap", tmp_path)
    package = package_of(project)
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), "SERVER_WORKERS": "0"}
    command = [sys.executable, "-m", package.name]
    serve = [*command, "serve", "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(serve, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr
            lines = iter(server.stderr.readline, "")
            line = next(line for line in lines if "Serving on " in line)
            address = line.split("Serving on ")[1].split()[0]
            check = [*command, "check", "--server", address]
            agreed = subprocess.run(check, env=environment, capture_output=True, text=True)
            path = package / "golden.json"
            path.write_text(re.sub(r'"setosa"(?=[,}])', '"virginica"', path.read_text(), count=1))
            differs = subprocess.run(check, env=environment, capture_output=True, text=True)
        finally:
            server.terminate()
    assert agreed.returncode == 0, agreed.stderr
    assert "agree with model" in agreed.stdout
    assert differs.returncode == 1
    assert "row 0: output_label: expected 'virginica', got 'setosa'" in differs.stdout


@pytest.mark.slow
def test_what_may_run_code_is_not_loaded_before_it_is_trusted(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    project = bake_with_hooks(tmp_path, source=str(model_of("sklearn_iris")))
    package = package_of(project)
    said = capfd.readouterr().out
    assert "The model is not loaded" in said
    assert "sklearn.linear_model._logistic.LogisticRegression" in said
    assert "probe" in said
    assert (package / "model.joblib").read_bytes() == model_of("sklearn_iris").read_bytes()
    assert not (package / "golden.json").exists()


@pytest.mark.deep
@pytest.mark.xdist_group("libraries")
def test_rows_are_made_up_of_the_values_that_a_model_was_trained_with(
    tmp_path: Path, libraries: str
) -> None:
    project = bake_with_hooks(tmp_path, source=str(model_of("sklearn_columns")))
    package = package_of(project)
    run_in(project, libraries, "-m", package.name, "probe")
    rows = json.loads((package / "golden.json").read_text())["rows"]
    assert {row["instance"]["city"] for row in rows} == {"Köln", "Paris"}
    assert {row["instance"]["a_b"] for row in rows} <= {0, 1, 2, 3, 4}


@pytest.mark.deep
@pytest.mark.xdist_group("libraries")
@pytest.mark.parametrize("name", ["lightgbm_categories", "xgboost_categories_ubj"])
def test_a_missing_category_is_answered_as_the_library_does(
    tmp_path: Path, libraries: str, name: str
) -> None:
    typed = 'color: string = ""'
    project = bake_with_hooks(tmp_path, source=str(model_of(name)), inputs=typed)
    package = package_of(project)
    lint(project)
    run_in(project, libraries, "-m", package.name, "probe")
    rows = json.loads((package / "golden.json").read_text())["rows"]
    assert [row["instance"]["color"] is None for row in rows] == [False] * 7 + [True]
    assert "passed" in run_in(project, libraries, *GOLDEN_TESTS)


@pytest.mark.deep
def test_a_model_that_fails_when_it_is_asked_is_told_in_place_of_a_service_that_is_ready(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = str(model_of("onnx_regressor"))
    bake_with_hooks(tmp_path, source=source, outputs="variable: float[3]", install="yes")
    said = capfd.readouterr().out
    assert "its model has not been asked" in said
    assert "is ready" not in said


@pytest.mark.slow
def test_no_file_of_a_model_is_ever_imported(tmp_path: Path) -> None:
    source = tmp_path / "named"
    shutil.copytree(model_of("mlflow_pyfunc"), source)
    (source / "__init__.py").write_text("raise SystemExit('it runs')")
    (source / "wrong.py").write_text("import no_such_module; x = ")
    project = bake_with_hooks(tmp_path, source=str(source), model_name="Named")
    package = package_of(project)
    assert [path.parent.name for path in project.rglob("wrong.py")] == ["model-files"]
    find = f"from importlib.util import find_spec; print(find_spec('{package.name}.model').origin)"
    assert run_in(project, sys.executable, "-c", find).strip() == str(package / "model.py")
    lint(project)
    settings = tomllib.loads((project / "pyproject.toml").read_text())
    assert settings["tool"]["mypy"]["exclude"] == ["model-files/"]


@pytest.mark.slow
def test_a_schema_for_some_of_the_fields_wins_and_the_source_gives_the_others(
    tmp_path: Path,
) -> None:
    project = bake_with_hooks(
        tmp_path,
        source=str(model_of("onnx_columns")),
        inputs='age: float 18..120 "In years", city: enum(Berlin, Paris)',
    )
    text = (project / "schema" / "inputs.txt").read_text()
    assert re.findall(r"^\w+: [^@]*", text, re.M) == [
        "age: float 18..120 ",
        "kids: int64 ",
        "city: enum(Berlin ",
    ]


@pytest.mark.slow
def test_a_sample_gives_the_inputs_of_a_model_that_is_still_to_come(tmp_path: Path) -> None:
    sample = tmp_path / "wine sample.csv"
    rows = ["0.5,red,007,", "1.5,red,012,3", "2.5,white,110,4", "3.5,red,200,5", "4.5,white,201,6"]
    sample.write_text("\n".join(["Alcohol %,class,code,age", *rows, *rows]) + "\n")
    project = bake_with_hooks(tmp_path, source=str(sample))
    assert project.name == "wine"
    text = (project / "schema" / "inputs.txt").read_text()
    assert 'alcohol as "Alcohol %": double @1' in text
    assert 'class_value as "class": enum(red' in text
    assert "code: string" in text
    assert "age: double = nan" in text
    lint(project)
    assert "passed" in run_in(project, sys.executable, *GOLDEN_TESTS[:-1], "tests/test_contract.py")


def test_a_large_model_is_kept_beside_the_package_and_out_of_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grpc_ml_template.project.sourcing.MOST_PACKAGED", 100)
    source = tmp_path / "large iris.onnx"
    source.write_bytes(model_of("onnx_iris_tensor").read_bytes())
    project = bake_with_hooks(tmp_path, source=str(source))
    package = package_of(project)
    assert (project / "model" / "model.onnx").exists()
    assert not (package / "model.onnx").exists()
    assert "/model/" in (project / ".gitignore").read_text()
    assert "COPY model /app/model" in (project / "Dockerfile").read_text()
    lint(project)
    run_in(project, sys.executable, "-m", package.name, "probe")
    other = tmp_path / "other.onnx"
    other.write_bytes(model_of("onnx_iris_zipmap").read_bytes())
    ask = ["-c", f"import {package.name}.model"]
    monkeypatch.setenv("SERVER_MODEL_PATH", str(other))
    with pytest.raises(AssertionError, match="is another model: its checksum is"):
        run_in(project, sys.executable, *ask)
    monkeypatch.setenv("SERVER_MODEL_PATH", str(tmp_path / "nowhere"))
    with pytest.raises(AssertionError, match="SERVER_MODEL_PATH names its file"):
        run_in(project, sys.executable, *ask)
