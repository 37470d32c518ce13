"""What the command probe says of a library that cannot be asked, and which rows it makes up."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import typer
from engine.commands.probe import answerable, asked, loaded
from engine.fields import Number, VaryingTensor
from engine.models.golden import Golden
from engine.project import Proving

SCHEMA = SimpleNamespace(
    inputs=[VaryingTensor("sound", np.float32, (None,))], outputs=[Number("loudness", np.float32)]
)
Answer = Callable[[Any], Any]


class Library:
    """A library that answers with what a function makes of the sound."""

    made_by = "a stand-in"

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def answer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one row."""
        return {"loudness": self._answer(row["sound"])}


def rows_of(answer: Answer, given: Golden | None = None) -> Golden:
    """Return the golden rows of a library, asked about these or made-up ones."""
    proof = Proving(SCHEMA, ModuleType("model"), lambda: Library(answer), Path("golden.json"))
    return asked(loaded(proof), proof, given or Golden())


def refusing(fault: str, fine: Callable[[Any], bool]) -> Answer:
    """Return what answers with one number to what is fine, and refuses all else."""

    def answer(sound: Any) -> Any:
        if not fine(sound):
            raise RuntimeError(fault)
        return np.float32(1)

    return answer


def test_sounds_are_made_up_that_are_long_enough_for_the_model() -> None:
    golden = rows_of(refusing("too short", lambda sound: len(sound) > 100))
    assert {len(row["sound"]) for row in golden.instances} == {512}
    assert [answer["loudness"] for answer in golden.answers] == [1] * 8


def test_rows_that_are_answered_as_the_schema_says_come_before_others() -> None:
    golden = rows_of(lambda sound: np.ones(2) if sound.any() else np.float32(0))
    assert not any(row["sound"].any() for row in golden.instances)


def assert_told(capsys: pytest.CaptureFixture[str], answer: Answer, *given: Any) -> str:
    """Check that nothing is found, and return the one line that says why."""
    with pytest.raises(typer.Exit):
        rows_of(answer, *given)
    [line] = capsys.readouterr().err.splitlines()
    return line


def test_a_model_that_answers_in_another_shape_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    line = assert_told(capsys, lambda sound: np.ones(2))
    assert "make the project anew with outputs='loudness: float[2]'" in line


def test_a_model_that_refuses_all_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    line = assert_told(capsys, refusing("never", lambda sound: False))
    assert line.startswith("the model refuses all rows that are made up (RuntimeError: never)")


def test_a_model_that_refuses_a_golden_row_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    given = Golden("", [{"sound": np.ones(3)}], [])
    line = assert_told(capsys, refusing("never", lambda sound: False), given)
    assert line == "the model refuses a row of golden.json: RuntimeError: never"


def test_rows_of_an_earlier_model_that_the_new_one_refuses_are_dropped_and_told() -> None:
    library = Library(refusing("too short", lambda sound: len(sound) > 2))
    proof = Proving(SCHEMA, ModuleType("model"), lambda: library, Path("golden.json"))
    rows = [{"sound": np.ones(size)} for size in (2, 3, 1)]
    given = Golden("before", rows, [{"loudness": number} for number in range(3)])
    kept, told = answerable(library, proof, given)
    assert (kept.instances, kept.answers) == ([rows[1]], [{"loudness": 1}])
    assert told == [
        f"golden row {row} is refused by the model, and is dropped: RuntimeError: too short"
        for row in (0, 2)
    ]
    own = Golden("", rows)
    assert answerable(library, proof, own) == (own, [])


def test_a_model_that_cannot_be_loaded_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> Any:
        raise RuntimeError("no such operator")

    with pytest.raises(typer.Exit):
        loaded(Proving(SCHEMA, ModuleType("model"), broken, Path("golden.json")))
    assert capsys.readouterr().err == "the model cannot be loaded: RuntimeError: no such operator\n"
