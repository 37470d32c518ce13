"""What is taken of a folder of MLflow, and what a hostile one cannot do to its reader."""

import random
import shutil
import time
from functools import partial
from pathlib import Path

import faults
import pytest

from grpc_ml_template.sources.mlflow import folder as mlflow_folder
from grpc_ml_template.sources.mlflow.reader import read

fault_of = partial(faults.fault_of, read)
refusal = partial(faults.refusal, read)

MODELS = Path(__file__).parent / "models"
NAMES = ("sklearn", "xgboost", "pyfunc")
ONE_COLUMN = '[{"type": "double", "name": "a"}]'
PYFUNC = "{python_function: {loader_module: mlflow.pyfunc.model}}"


def model_of(name: str) -> Path:
    return MODELS / f"mlflow_{name}" / "model"


def folder(path: Path, flavors: str = PYFUNC) -> Path:
    """A folder of a model that takes and gives a column."""
    content = (
        f"flavors: {flavors}\nmlflow_version: 3.17.2\n"
        f"signature:\n  inputs: '{ONE_COLUMN}'\n  outputs: '{ONE_COLUMN}'\n"
    )
    (path / "MLmodel").write_text(content, encoding="utf-8")
    return path


def test_requirements_come_from_conda_where_there_is_no_other_list(tmp_path: Path) -> None:
    path = folder(tmp_path)
    content = (
        "dependencies:\n- python=3.11.7\n- pip:\n  - scikit-learn==1.9.1\n  - mlflow==3.17.2\n"
    )
    (path / "conda.yaml").write_text(content, encoding="utf-8")
    runtime = read(path).runtime
    assert runtime is not None
    assert runtime.packages == ("scikit-learn==1.9.1", "mlflow==3.17.2")


def test_only_packages_and_versions_are_taken_from_requirements(tmp_path: Path) -> None:
    path = folder(tmp_path)
    lines = [
        "# mine",
        "numpy>=2,<3",
        "pandas[parquet]==3.1.1; sys_platform == 'linux'",
        "--extra-index-url https://example.org",
        "git+https://example.org/code.git",
        "code/mine.whl",
    ]
    (path / "requirements.txt").write_text("\n".join(lines), encoding="utf-8")
    signature = read(path)
    assert signature.runtime is not None
    assert signature.runtime.packages == (lines[1], lines[2], "mlflow-skinny==3.17.2")
    assert sum("is left out" in note for note in signature.notes) == 3


def test_a_file_that_the_mlmodel_names_is_one_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "outside.ubj").write_bytes(b"")
    inside = tmp_path / "model"
    inside.mkdir()
    for place in ("../outside.ubj", "/etc/passwd", "gone.ubj"):
        flavors = (
            f"{{python_function: {{loader_module: mlflow.xgboost}}, xgboost: {{data: {place}}}}}"
        )
        assert "the folder has no file" in refusal(folder(inside, flavors))


def test_links_are_refused(tmp_path: Path) -> None:
    path = folder(tmp_path)
    (path / "more").mkdir()
    (path / "more" / "secret").symlink_to("/etc/passwd")
    assert '"secret" in the folder is a link' in refusal(path)
    (path / "more" / "secret").unlink()
    (path / "loop").symlink_to(path)
    assert '"loop" in the folder is a link' in refusal(path)


def test_a_folder_of_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder(tmp_path)
    monkeypatch.setattr(mlflow_folder, "MOST_FILES", 3)
    for place in range(4):
        (path / str(place)).mkdir()
    assert "more than 3 files" in refusal(path)


def test_a_folder_without_mlmodel_or_none_at_all_is_refused(tmp_path: Path) -> None:
    assert "the folder has no MLmodel" in refusal(tmp_path)
    assert "it cannot be read" in refusal(tmp_path / "gone")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "- a",
        "flavors: [1]",
        "flavors: {python_function: 3}",
        "a: &a [x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]",
        "[" * 100_000,
        "flavors: !!python/object/apply:os.system [echo]",
        "signature: {inputs: '" + "[" * 100_000 + "'}\nflavors: {}",
        "signature: {inputs: '[3]'}\nflavors: {}",
        "signature: 3\nflavors: {}",
        "a: b\n" * 150_000,
        "flavors: {python_function: {loader_module: 'os; import x'}}",
        "\x00",
    ],
)
def test_an_mlmodel_that_mlflow_did_not_write_is_refused_at_once(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "MLmodel").write_text(content, encoding="utf-8")
    began = time.process_time()
    assert refusal(tmp_path)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("name", NAMES)
def test_no_change_to_a_file_breaks_its_reader(tmp_path: Path, name: str) -> None:
    copied = tmp_path / "model"
    shutil.copytree(model_of(name), copied)
    seeded = random.Random(4)
    places = ("MLmodel", "requirements.txt", "serving_input_example.json")
    wholes = {
        place: (copied / place).read_bytes() for place in places if (copied / place).is_file()
    }
    for turn in range(100):
        place = seeded.choice([*wholes])
        content = bytearray(wholes[place])
        for _ in range(seeded.randint(1, 5)):
            content[seeded.randrange(len(content))] = seeded.randrange(256)
        cut = len(content) if turn % 3 else seeded.randrange(len(content))
        (copied / place).write_bytes(content[:cut])
        assert "\n" not in fault_of(copied)
        (copied / place).write_bytes(wholes[place])
