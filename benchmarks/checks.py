"""The right answers, and whether a system gives them."""

import base64
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .systems import System

TOLERANCE = 1e-5
SPECIES = ("setosa", "versicolor", "virginica")
CLIENT_SECONDS = 60


class CheckError(Exception):
    """Says in one line what is wrong with a system's answers."""


class NotReadyError(Exception):
    """The client failed: the system may not be ready; the message is its last line."""


@dataclass(frozen=True)
class Answers:
    """What to ask about, and scikit-learn's own answers for each model."""

    rows: list[list[float]]
    probabilities: dict[str, list[list[float]]]

    @classmethod
    def read(cls, file: Path) -> "Answers":
        """Read what models.py wrote."""
        content = json.loads(file.read_text())
        return cls(content["rows"], content["answers"])

    def compare(self, model: str, answers: list[Any]) -> None:
        """Raise CheckError unless a system's answers are a model's."""
        expected = self.probabilities[model]
        if len(answers) != len(expected):
            raise CheckError(f"{len(answers)} answers to {len(expected)} rows")
        for row, ((species, got), want) in enumerate(zip(answers, expected, strict=True)):
            error = max(abs(a - b) for a, b in zip(got, want, strict=True))
            if error > TOLERANCE:
                raise CheckError(f"row {row}: probabilities are {error:.1g} off scikit-learn's")
            if species != SPECIES[want.index(max(want))]:
                raise CheckError(f"row {row}: {species} is not the most probable species")


def ask(
    system: System, folder: Path, environment: dict[str, str], port: int, cores: str, rows: Any
) -> tuple[list[Any], bytes]:
    """Run a system's client; return its answers, and the request about the first row.

    Raises:
        NotReadyError: If the client failed.
    """
    command = ["taskset", "--cpu-list", cores, "python", system.client, str(port)]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            input=json.dumps(rows),
            capture_output=True,
            text=True,
            check=False,
            timeout=CLIENT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise NotReadyError(f"no answer in {CLIENT_SECONDS} s") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise NotReadyError(lines[-1].strip() if lines else "the client failed")
    content = json.loads(done.stdout.splitlines()[-1])
    return content["answers"], base64.b64decode(content["body"])
