"""The command check: asks a server about the golden rows, and compares."""

from collections.abc import Mapping
from typing import Any

import typer

from ..models.comparing import ATOL, RTOL, differences
from ..models.golden import read_golden
from ..project import Project
from .console import address, fail, out
from .faults import one_line_errors
from .predict import Target, Timeout

MOST_SHOWN = 10


def add_check(app: typer.Typer, project: Project) -> None:
    """Add the command to an app."""
    assert project.proving
    proving = project.proving

    @app.command()
    @one_line_errors()
    def check(server: Target = None, timeout: Timeout = 10.0) -> None:
        """Check that a server answers the golden rows as the model's own library does."""
        proof = proving()
        golden = read_golden(proof.golden)
        if not golden.answers:
            fail(f"there is no {proof.golden.name}; the command probe makes it")
        _, new_client = project.calling()
        with new_client(address(server), timeout=timeout) as client:
            predictions = [client.predict(**given(row)) for row in golden.instances]
        found = differences(predictions, golden.answers)
        for difference in found[:MOST_SHOWN]:
            out.print(str(difference), soft_wrap=True)
        if found:
            fail(f"{len(found)} values are others than {golden.made_by} answers")
        version = predictions[0].model_version
        out.print(
            f"{len(predictions)} rows of {golden.made_by} agree with model {version}, numbers to "
            f"within {RTOL} of themselves or {ATOL}"
        )


def given(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a golden row without what is missing in it."""
    return {name: value for name, value in row.items() if value is not None}
