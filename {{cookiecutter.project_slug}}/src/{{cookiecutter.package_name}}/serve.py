{% set s = service(cookiecutter) %}
"""The command serve. It stays beside the workers, so it imports neither NumPy nor gRPC."""

import sys
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from . import logs, workers
from .failures import StartError, tell
from .settings import Settings

app = typer.Typer(
    help={{ s.model_name_string }},
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # Logs take plain tracebacks.
    rich_markup_mode=None,  # Brackets in help texts are brackets.
)
err = Console(markup=False, emoji=False, stderr=True)


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
    settings = read_settings(**{name: value for name, value in given.items() if value is not None})
    logs.configure(settings)
    try:
        if settings.workers and sys.platform != "win32":
            workers.run(settings)
        else:
            from . import server  # It imports the model.

            server.run(settings)
    except StartError as error:
        tell(error)
        raise typer.Exit(1) from None


def read_settings(**given: Any) -> Settings:
    """Return the settings; exit with 1 if one is wrong."""
    try:
        return Settings(**given)
    except ValidationError as error:
        for fault in error.errors():
            message = f"SERVER_{str(fault['loc'][0]).upper()}: {fault['msg']}"
            err.print(message, style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def fail(message: str) -> NoReturn:
    """Print a message and exit with 1."""
    err.print(message, style="red", highlight=False, soft_wrap=True)
    raise typer.Exit(1)
