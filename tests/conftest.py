"""What every test can ask for."""

from pathlib import Path

import pytest
from baking import TEMPLATE, write_config
from hypothesis import settings

# The same draws every time: a test that fails does so for everybody, and for a change's sake.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def template() -> Path:
    """The template under test: this repository."""
    return TEMPLATE


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """A cookiecutter configuration that keeps its own files out of the home folder."""
    return write_config(tmp_path)
