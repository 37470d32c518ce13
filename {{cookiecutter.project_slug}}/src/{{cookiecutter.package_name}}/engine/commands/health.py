"""The command health: asks a server whether it is ready."""

from typing import Annotated

import grpc
import typer

from ..calling.channels import channel_arguments
from ..calling.readiness import Question, failure_of, health_check, status_in
from ..calling.times import seconds_of
from ..fields.values import LARGEST_MESSAGE
from ..project import Project
from .console import address, fail, out
from .faults import one_line_errors
from .predict import Target, Timeout


def add_health(app: typer.Typer, project: Project) -> None:
    """Add the command to an app."""

    @app.command()
    @one_line_errors()
    def health(
        server: Target = None,
        timeout: Timeout = 2.0,
        wait: Annotated[
            float | None,
            typer.Option(min=0, metavar="SECONDS", help="How long to wait for it to be ready."),
        ] = None,
    ) -> None:
        """Ask a server whether it is ready; exit with 1 if it is not."""
        schema, new_client = project.calling()
        target = address(server)
        if wait is not None:
            with new_client(target) as client:
                client.wait_until_ready(wait)
        with grpc.insecure_channel(*channel_arguments(target, LARGEST_MESSAGE)) as channel:
            try:
                question = Question(value=schema.service_name)
                status = status_in(health_check(channel)(question, timeout=seconds_of(timeout)))
            except grpc.RpcError as error:
                fail(f"{target}: {failure_of(error)}")
        out.print(status)
        if status != "SERVING":
            raise typer.Exit(1)
