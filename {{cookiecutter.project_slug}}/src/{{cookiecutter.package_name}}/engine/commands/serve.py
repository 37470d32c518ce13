"""The command serve. It stays beside the workers, so it imports neither NumPy nor gRPC."""

import logging
import os
import sys
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from ..failures import StartError, tell
from ..processes import files, logs, supervisor
from ..project import Project
from .console import PREFIX, read_settings, setting_names

logger = logging.getLogger(__name__)


def add_serve(app: typer.Typer, project: Project) -> None:
    """Add the command to an app."""

    @app.callback()
    def main() -> None:
        """Make serve a command with a name, though it may be the only one."""

    @app.command()
    def serve(
        host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
        port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    ) -> None:
        """Serve the model until SIGTERM or SIGINT.

        Options come before the SERVER_* environment variables, which settings.py lists.
        """
        given: dict[str, Any] = {"host": host, "port": port}
        given = {name: value for name, value in given.items() if value is not None}
        settings = read_settings(**given)
        logs.configure(settings)
        files.allow_many()
        warn_of_unknown()
        try:
            if settings.workers and sys.platform != "win32":
                worker = (sys.executable, "-m", project.package, "worker")
                supervisor.supervise(worker, settings)
            else:
                from ..processes import single

                single.serve(project.serving, settings)
        except StartError as error:
            tell(error)
            raise typer.Exit(1) from None


def warn_of_unknown() -> None:
    """Log which environment variables look like settings and are none."""
    known = setting_names()
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            near = get_close_matches(name, known, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            logger.warning("%s is no setting%s", name, meant)
