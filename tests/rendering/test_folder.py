"""A folder that is there already is never baked into."""

import subprocess
import sys
from pathlib import Path

import pytest
from baking import TEMPLATE, bake, write_config


@pytest.mark.parametrize("option", [None, "--overwrite-if-exists", "--skip-if-file-exists"])
@pytest.mark.parametrize("content", ["project", "file", "nothing"])
def test_a_folder_that_is_there_is_refused_before_anything_is_written(
    tmp_path: Path, option: str | None, content: str
) -> None:
    folder = tmp_path / "projects" / "iris-classifier"
    if content == "project":
        bake(tmp_path)
        (folder / "src" / "iris_classifier" / "model.py").write_text("# Ours.")
    elif content == "file":
        folder.parent.mkdir()
        folder.write_text("Not a folder.")
    else:
        folder.mkdir(parents=True)
    before = {path: path.read_bytes() for path in folder.parent.rglob("*") if path.is_file()}
    command = [sys.executable, "-m", "cookiecutter", str(TEMPLATE), "--no-input"]
    command += ["--config-file", str(write_config(tmp_path)), "--output-dir", str(folder.parent)]
    done = subprocess.run(
        [*command, *([option] if option else []), "install=no"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    output = done.stdout + done.stderr
    assert "Traceback" not in output
    words = 'project_slug: the folder "iris-classifier" is there already; choose another name'
    assert words in output
    assert '"make update"' in output
    after = {path: path.read_bytes() for path in folder.parent.rglob("*") if path.is_file()}
    assert after == before
