"""The command probe: asks the model's own library, and finds out how the model takes many instances."""

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import typer

from ..failures import in_line
from ..models.drawing import Known, drawn
from ..models.golden import Golden, Row, by_field, columns_of, original, read_golden, write_golden
from ..models.probing import ROWS, Found, how_it_takes
from ..models.retraining import faults, few, fitting, moves
from ..models.shapes import misfits, not_finite
from ..project import Project, Proving
from .console import fail, out
from .faults import one_line_errors

TAKES = re.compile(r"^TAKES = .*$", re.MULTILINE)


def add_probe(app: typer.Typer, project: Project) -> None:
    """Add the command to an app."""
    assert project.proving
    proving = project.proving

    @app.command()
    @one_line_errors()
    def probe() -> None:
        """Ask the model's library about golden rows, and find out how it takes many instances.

        The rows in golden.json are asked about; where there are none, some are drawn. Where they
        have answers already, of an earlier model, it says what has changed.
        """
        proof = proving()
        out.print("Asking the model's own library ...")
        fit, misfitting = fitting(proof.schema, given_rows(proof))
        library = loaded(proof)
        before, refused = answerable(library, proof, fit)
        golden = asked(library, proof, before)
        write_golden(proof.golden, golden)
        rows = f"{proof.golden.name} has {len(golden.instances)} rows of {golden.made_by}"
        changes = moves(before.answers, read_golden(proof.golden).answers)
        for line in (*misfitting, *refused, rows, *changes):
            out.print(line, soft_wrap=True)
        if hasattr(proof.model, "TAKES"):
            found = found_out(proof, golden)
            keep(proof, found)
            out.print(f"{type(found.takes).__name__}: {found.why}", soft_wrap=True)


def given_rows(proof: Proving) -> Golden:
    """Return the golden rows that are there, by the names of the fields."""
    golden = read_golden(proof.golden)
    instances = [by_field(proof.schema, row) for row in golden.instances]
    is_answered = len(golden.answers) == len(instances)
    for row, instance in enumerate(instances if not is_answered else ()):
        if found := faults(proof.schema, instance):
            fail(f"{proof.golden.name}: row {row}: {found[0]}")
    return replace(golden, instances=instances, known=by_field(proof.schema, golden.known))


def loaded(proof: Proving) -> Any:
    """Return the model's library."""
    with in_one_line("the model cannot be loaded"):
        return proof.library()


def answerable(library: Any, proof: Proving, given: Golden) -> tuple[Golden, list[str]]:
    """Return golden rows without those of an earlier model that this one refuses, and these.

    Rows that were never answered are somebody's own, and stay as they are.
    """
    if not given.answers:
        return given, []
    kept, refused = [], []
    for row, pair in enumerate(zip(given.instances, given.answers, strict=True)):
        try:
            answers_of(library, proof, [pair[0]])
        except Exception as error:  # Whatever the model's library raises.
            why = in_line(error)
            refused.append(f"golden row {row} is refused by the model, and is dropped: {why}")
        else:
            kept.append(pair)
    instances, answers = ([each[side] for each in kept] for side in (0, 1))
    return replace(given, instances=instances, answers=answers), [*few(refused, "rows")]


def asked(library: Any, proof: Proving, given: Golden) -> Golden:
    """Return golden rows with the answers of the model's library."""
    if given.instances:
        with in_one_line(f"the model refuses a row of {proof.golden.name}"):
            answers = answers_of(library, proof, given.instances)
        for wrong in unsendable(proof, answers):
            fail(wrong)
        return Golden(library.made_by, given.instances, answers)
    return made_up(library, proof, given.known)


def made_up(library: Any, proof: Proving, known: Known) -> Golden:
    """Return rows that are drawn, the first that the library answers as the schema says."""
    fault: BaseException | None = None
    wrong: list[str] = []
    for instances in drawn(proof.schema.inputs, known):
        try:
            answers = answers_of(library, proof, instances)
        except Exception as error:  # Whatever the model's library raises.
            fault = fault or error
            continue
        found = unsendable(proof, answers)
        if not found:
            return Golden(library.made_by, instances, answers)
        wrong += found
    if wrong:
        fail(wrong[0])
    assert fault
    fail(
        f"the model refuses all rows that are made up ({in_line(fault)}); put real ones into "
        f"{proof.golden.name} and run this again"
    )


@contextlib.contextmanager
def in_one_line(what: str) -> Iterator[None]:
    """Exit with 1, and say why on one line, if a model or its library raises anything."""
    try:
        yield
    except Exception as error:
        fail(f"{what}: {in_line(error)}")


def unsendable(proof: Proving, answers: Sequence[Row]) -> list[str]:
    """Return what is wrong with answers, a line each."""
    outputs = proof.schema.outputs
    return [*misfits(outputs, answers), *not_finite(outputs, answers)]


def answers_of(library: Any, proof: Proving, instances: Sequence[Row]) -> list[Row]:
    """Return what a library answers to instances, one call each."""
    return [library.answer(original(proof.schema.inputs, instance)) for instance in instances]


def found_out(proof: Proving, golden: Golden) -> Found:
    """Return how the model takes many instances."""
    first = shapes_of(golden.instances[0])
    # Only instances of one shape ever share a batch.
    alike = [instance for instance in golden.instances if shapes_of(instance) == first]
    rows = [alike[row % len(alike)] for row in range(ROWS)]
    return how_it_takes(proof.model, proof.model.Model(), columns_of(proof.schema, rows))


def shapes_of(instance: Row) -> dict[str, tuple[int, ...]]:
    """Return the shapes of an instance's values."""
    return {name: np.shape(value) for name, value in instance.items()}


def keep(proof: Proving, found: Found) -> None:
    """Write what was found into model.py, and into the file that updates read."""
    path = Path(str(proof.model.__file__))
    text = path.read_text(encoding="utf-8")
    # What was found out before, of an earlier model say, stays in the same words.
    known = re.search(rf"^TAKES = {re.escape(found.takes.code)}  # .*$", text, re.MULTILINE)
    line = known[0] if known else f"TAKES = {found.takes.code}  # {found.why}."
    path.write_text(TAKES.sub(lambda _: line, text, count=1), encoding="utf-8")
    origin = path.parents[2] / "schema" / "template.json"
    if origin.exists():
        content = json.loads(origin.read_text(encoding="utf-8"))
        content["takes"] = line.removeprefix("TAKES = ")
        origin.write_text(
            json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
