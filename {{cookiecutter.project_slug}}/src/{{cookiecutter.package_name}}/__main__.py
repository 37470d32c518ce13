{% set s = service(cookiecutter) %}
"""``python -m {{ s.package }}``, and the command {{ s.slug }}."""

import signal
import sys


def main() -> None:
    """Run the command line, or say what it takes to run it."""
    is_serve = sys.argv[1:2] == ["serve"]
    if is_serve and sys.platform != "win32":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # Until there is a model to reload.
    try:
        if is_serve:
            from .serve import app
        else:
            from .cli import app
    except ModuleNotFoundError as error:
        remedy = "install {{ s.slug }} with its extra server"
        sys.exit(f"{error.name} is missing: {remedy}")
    app()


if __name__ == "__main__":
    main()
