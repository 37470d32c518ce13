"""The generated command line, where only a schema of its own shows what it does."""

import csv
import io
import os
import sys
from pathlib import Path

from baking import bake, compile_stubs, run
from serving import Service

ECHO = """
from .schema import Inputs, Outputs


class Model:
    version = "1"
    runtime = "echo"

    def predict(self, inputs: Inputs) -> Outputs:
        return Outputs(word=inputs.word, kind=inputs.kind)
"""


def test_texts_and_labels_in_csv_keep_the_blanks_around_them(tmp_path: Path) -> None:
    kind = 'kind: enum("a ", " b", c)'
    inputs = f'word: string = "none", {kind} = c, n: int32'
    project = bake(tmp_path, inputs=inputs, outputs=f"word: string, {kind}")
    compile_stubs(project)
    (project / "src" / "iris_classifier" / "model.py").write_text(ECHO)
    table = [(" x ", "a ", " 5 "), ("  ", " b", "5"), ("", "", "5\t")]
    with (tmp_path / "table.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("word", "kind", "n"), *table])
    with Service(project, tmp_path / "log") as service:
        command = [sys.executable, "-m", "iris_classifier", "predict"]
        command += ["--server", service.address, "--csv", str(tmp_path / "table.csv")]
        answer = run(*command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": f"{project}/src"})
    found = [
        (row["predicted_word"], row["predicted_kind"])
        for row in csv.DictReader(io.StringIO(answer))
    ]
    assert found == [(" x ", "a "), ("  ", " b"), ("none", "c")]
