"""ONNX models as they are found are served, and answered as onnxruntime answers them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from baking import TEMPLATE

# Some of every group, with inputs and outputs of many forms.
SOME = [
    "onnx: light/light_squeezenet",
    "onnx: pytorch-converted/test_Conv2d_groups",
    "onnx: pytorch-operator/test_operator_min",
    "onnx: simple/test_expand_shape_model1",
    "scikit-learn/columns",
    "scikit-learn/labels_in_maps",
    "scikit-learn/quadratic",
    "scikit-learn/tfidf",
    "magika/model",
    "rapidocr-onnxruntime/ch_PP-OCRv4_det_infer",
    "nudenet/320n",
    "ddddocr/common_det",
    "silero-vad/silero_vad_16k_op15",
]
SECONDS = 1500


def zoo(page: Path, *arguments: str) -> tuple[int, list[str]]:
    """Run the command; return the status that it ends with, and the last row of its table."""
    command = [sys.executable, "scripts/zoo.py", f"--out={page}", *arguments]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(command, cwd=TEMPLATE, env=environment, timeout=SECONDS, check=False)
    rows = [line for line in page.read_text().splitlines() if line.startswith("| all ")]
    return done.returncode, [cell.strip() for cell in rows[-1].split("|")[1:-1]]


@pytest.mark.deep
def test_some_models_of_every_group_are_served_and_answered_right(tmp_path: Path) -> None:
    status, row = zoo(tmp_path / "zoo.md", *SOME)
    count = str(len(SOME))
    assert (status, row[1], row[3:6]) == (0, count, [count, count, count])


@pytest.mark.deep
def test_at_least_97_of_100_models_that_onnxruntime_runs_are_answered_right(tmp_path: Path) -> None:
    # Every third: all of them take half an hour, with make zoo.
    status, row = zoo(tmp_path / "zoo.md", "--every=3")
    assert (status, row[1]) == (0, "68")
