"""What systems are asked, the right answers, and whether a system gives them."""

import base64
import json
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

TOLERANCE = 1e-5
SPECIES = ("setosa", "versicolor", "virginica")
CLIENT_SECONDS = 60


class CheckError(Exception):
    """Says in one line what is wrong with a system's answers."""


class NotReadyError(Exception):
    """The client failed: the system may not be ready; the message is its last line."""


class Question(Protocol):
    """What to ask a system, and what it should answer."""

    @property
    def given(self) -> Any:
        """What the system's client reads."""

    def compare(self, answers: list[Any]) -> None:
        """Raise CheckError unless the client's answers are right."""


@dataclass(frozen=True)
class Rows:
    """Rows that are asked about one at a time, and scikit-learn's own answers."""

    given: list[list[float]]
    probabilities: list[list[float]]

    def compare(self, answers: list[Any]) -> None:
        """Raise CheckError unless a system's answers are scikit-learn's."""
        if len(answers) != len(self.given):
            raise CheckError(f"{len(answers)} answers to {len(self.given)} rows")
        for row, ((species, got), want) in enumerate(zip(answers, self.probabilities, strict=True)):
            error = max(abs(a - b) for a, b in zip(got, want, strict=True))
            if error > TOLERANCE:
                raise CheckError(f"row {row}: probabilities are {error:.1g} off scikit-learn's")
            if species != SPECIES[want.index(max(want))]:
                raise CheckError(f"row {row}: {species} is not the most probable species")


@dataclass(frozen=True)
class Whole:
    """A file that is asked about in one request, and the numbers that are the answer.

    Attributes:
        given: The file.
        numbers: The right answer.
        tolerance: How far off an answer may be.
    """

    given: str
    numbers: list[float]
    tolerance: float

    def compare(self, answers: list[Any]) -> None:
        """Raise CheckError unless a system's answer has these numbers."""
        if len(answers) != len(self.numbers):
            raise CheckError(f"{len(answers)} numbers in place of {len(self.numbers)}")
        for place, (got, want) in enumerate(zip(answers, self.numbers, strict=True)):
            if not abs(got - want) <= self.tolerance:
                raise CheckError(f"number {place} is {got} in place of {want}")


def read_rows(file: Path) -> dict[str, Rows]:
    """Return what models.py wrote: the rows, with the answers of each model."""
    content = json.loads(file.read_text())
    return {name: Rows(content["rows"], answers) for name, answers in content["answers"].items()}


def ask(
    client: str, folder: Path, environment: dict[str, str], port: int, cores: str, given: Any
) -> tuple[list[Any], bytes]:
    """Run a client; return its answers, and the request that is to be repeated.

    Raises:
        NotReadyError: If the client failed.
    """
    command = ["taskset", "--cpu-list", cores, "python"]
    script, *arguments = shlex.split(client)
    command += [script, str(port), *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            input=json.dumps(given),
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
