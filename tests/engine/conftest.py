"""The engine is tested where it lies in the template, without a project around it."""

import pkgutil
import sys
from importlib import import_module

from baking import TEMPLATE

PACKAGE = TEMPLATE / "{{cookiecutter.project_slug}}/src/{{cookiecutter.package_name}}"


def import_engine() -> None:
    """Import all of the engine, and write no bytecode: cookiecutter would copy it.

    An engine that is on PYTHONPATH comes first.
    """
    sys.path.append(str(PACKAGE))
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        engine = import_module("engine")
        for module in pkgutil.walk_packages(engine.__path__, "engine."):
            import_module(module.name)
    finally:
        sys.dont_write_bytecode = before


import_engine()
