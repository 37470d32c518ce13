"""What every test can ask for."""

from pathlib import Path

import pytest
from baking import TEMPLATE, write_config


@pytest.fixture(scope="session")
def template() -> Path:
    """The template under test: this repository."""
    return TEMPLATE


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """A cookiecutter configuration that keeps its own files out of the home folder."""
    return write_config(tmp_path)
