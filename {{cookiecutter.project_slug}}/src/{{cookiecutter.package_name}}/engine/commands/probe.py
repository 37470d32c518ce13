"""The command probe: asks the model's own library, and finds out how the model takes many instances."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from ..failures import in_line
from ..models.drawing import drawn
from ..models.golden import Golden, Row, columns_of, original, read_golden, write_golden
from ..models.probing import ROWS, Found, how_it_takes
from ..project import Project, Proving
from .console import fail, out
from .faults import one_line_errors

# How many rows are drawn, if none are given, and how many numbers all of them have at most.
MOST_ROWS, MOST_NUMBERS = 8, 400_000
TAKES = re.compile(r"^TAKES = .*$", re.MULTILINE)


def add_probe(app: typer.Typer, project: Project) -> None:
    """Add the command to an app."""
    assert project.proving
    proving = project.proving

    @app.command()
    @one_line_errors()
    def probe() -> None:
        """Ask the model's library about golden rows, and find out how it takes many instances.

        The rows in golden.json are asked about; where there are none, some are drawn.
        """
        proof = proving()
        out.print("Asking the model's own library ...")
        golden = asked(proof, read_golden(proof.golden))
        write_golden(proof.golden, golden)
        rows = f"{proof.golden.name} has {len(golden.instances)} rows of {golden.made_by}"
        out.print(rows, soft_wrap=True)
        if hasattr(proof.model, "TAKES"):
            found = found_out(proof, golden)
            keep(proof, found)
            out.print(f"{type(found.takes).__name__}: {found.why}", soft_wrap=True)


def asked(proof: Proving, given: Golden) -> Golden:
    """Return golden rows with the answers of the model's library."""
    library = proof.library()
    if given.instances:
        return Golden(library.made_by, given.instances, answers_of(library, proof, given.instances))
    rows = max(1, min(MOST_ROWS, MOST_NUMBERS // size_of(proof.schema.inputs)))
    fault: BaseException | None = None
    for instances in drawn(proof.schema.inputs, rows):
        try:
            return Golden(library.made_by, instances, answers_of(library, proof, instances))
        except Exception as error:  # Whatever the model's library raises.
            fault = fault or error
    assert fault
    fail(
        f"the model refuses all rows that are made up ({in_line(fault)}); put real ones into "
        f"{proof.golden.name} and run this again"
    )


def size_of(fields: Sequence[Any]) -> int:
    """Return how many numbers an instance has at least."""
    return sum(max(1, *(dim or 1 for dim in field.dims), 1) for field in fields)


def answers_of(library: Any, proof: Proving, instances: Sequence[Row]) -> list[Row]:
    """Return what a library answers to instances, one call each."""
    return [library.answer(original(proof.schema.inputs, instance)) for instance in instances]


def found_out(proof: Proving, golden: Golden) -> Found:
    """Return how the model takes many instances."""
    rows = [golden.instances[row % len(golden.instances)] for row in range(ROWS)]
    return how_it_takes(proof.model, proof.model.Model(), columns_of(proof.schema, rows))


def keep(proof: Proving, found: Found) -> None:
    """Write what was found into model.py, and into the file that updates read."""
    line = f"TAKES = {found.takes.code}  # {found.why}."
    path = Path(str(proof.model.__file__))
    text = path.read_text(encoding="utf-8")
    path.write_text(TAKES.sub(lambda _: line, text, count=1), encoding="utf-8")
    origin = path.parents[2] / "schema" / "template.json"
    if origin.exists():
        content = json.loads(origin.read_text(encoding="utf-8"))
        content["takes"] = line.removeprefix("TAKES = ")
        origin.write_text(
            json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
