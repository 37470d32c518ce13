"""How commands print, where they find the service, and the settings that they read."""

import json
import reprlib
from typing import Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from ..settings import Settings

out = Console(markup=False, emoji=False)
err = Console(markup=False, emoji=False, stderr=True)


PREFIX = Settings.model_config["env_prefix"]


def setting_names() -> list[str]:
    """Return the environment variables that are settings."""
    return [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]


def read_settings(**given: Any) -> Settings:
    """Return the settings; exit with 1 if one is wrong."""
    try:
        return Settings(**given)
    except ValidationError as error:
        for fault in error.errors():
            got = reprlib.repr(fault["input"])
            tell(f"{PREFIX}{str(fault['loc'][0]).upper()}: {fault['msg']}, got {got}")
        raise typer.Exit(1) from None


def address(server: str | None) -> str:
    """Return where the service is."""
    return server or f"localhost:{read_settings().port}"


def print_json(data: Any) -> None:
    """Print JSON: in colours on a terminal, which takes far more time and memory."""
    if out.is_terminal:
        out.print_json(data=data)
    else:
        print(json.dumps(data, indent=2, ensure_ascii=False), flush=True)


def fail(message: str) -> NoReturn:
    """Print what is wrong on one line, and exit with 1."""
    tell(message)
    raise typer.Exit(1)


def tell(message: str) -> None:
    """Print what is wrong on one line, without what would control a terminal."""
    shown = "".join(each if each.isprintable() else " " for each in message)
    err.print(shown, style="red", highlight=False, soft_wrap=True)
