{% set s = service(cookiecutter) %}
"""``python -m {{ s.package }}``, and the command {{ s.slug }}."""

import sys


def main() -> None:
    """Run the command line, or say what it takes to run it."""
    try:
        from .cli import app
    except ModuleNotFoundError as error:
        remedy = "install {{ s.slug }} with its extra server"
        sys.exit(f"{error.name} is missing: {remedy}")
    app()


if __name__ == "__main__":
    main()
