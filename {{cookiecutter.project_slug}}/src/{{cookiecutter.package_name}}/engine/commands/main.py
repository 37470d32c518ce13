"""The command line of a project."""

import os
import signal
import sys
from typing import Any

from ..project import Project


def run_command(project: Project) -> None:
    """Run the command that is asked for, or say what it takes to run it."""
    open_standard_files()
    command = "".join(sys.argv[1:2])
    if command == "serve" and sys.platform != "win32":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # Until there is a model to reload.
    try:
        if command == "worker":
            from ..processes.orphans import end_with_supervisor

            end_with_supervisor()
            from ..processes import worker

            worker.main(project.serving)
        else:
            app = serve_app(project) if command == "serve" else whole_app(project)
            app()
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except ModuleNotFoundError as error:
        remedy = f"pip install '{project.distribution}[server]'"
        sys.exit(f"{error.name} is missing: {remedy}; if that is done, pyproject.toml lacks it")


def open_standard_files() -> None:
    """Open those of stdin, stdout and stderr that are closed, or other files would take their places."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or os.fdopen(0)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")


def serve_app(project: Project) -> Any:
    """Return the command line with serve alone, which needs less than the others."""
    import typer

    from .serve import add_serve

    app = typer.Typer(
        help=project.title,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,  # Logs take plain tracebacks.
        rich_markup_mode=None,  # Brackets in help texts are brackets.
    )
    add_serve(app, project)
    return app


def whole_app(project: Project) -> Any:
    """Return the command line with all its commands."""
    from .health import add_health
    from .predict import add_predict

    app = serve_app(project)
    add_predict(app, project)
    add_health(app, project)
    if project.proving:
        from .check import add_check
        from .probe import add_probe

        add_check(app, project)
        add_probe(app, project)
    return app
