"""What every test can ask for."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from baking import HELPERS, TEMPLATE, bake, compile_stubs, write_config
from hypothesis import settings
from serving import Service, Start, importable

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


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """An event loop. gRPC takes one a process."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The default project, whose clients and messages can be imported."""
    project = bake(tmp_path_factory.mktemp("iris"))
    compile_stubs(project)
    with importable(project):
        yield project


@pytest.fixture(scope="session")
def echo(iris: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default project with a model that answers with what it was asked."""
    project = tmp_path_factory.mktemp("echo") / "project"
    shutil.copytree(iris, project)
    model = HELPERS / "echo_model.py"
    shutil.copyfile(model, project / "src" / "iris_classifier" / "model.py")
    return project


@pytest.fixture(params=["native", "grpcio", pytest.param("asyncio", marks=pytest.mark.deep)])
def transport(request: pytest.FixtureRequest) -> str:
    """Every transport in turn."""
    return str(request.param)


@pytest.fixture
def start(transport: str, tmp_path: Path) -> Iterator[Start]:
    """Starts servers of a project on the transport; all stop with the test."""
    numbers = count()
    with ExitStack() as stack:

        def start(project: Path, port: int = 0, **variables: object) -> Service:
            log = tmp_path / f"server-{next(numbers)}.log"
            variables = {"SERVER_TRANSPORT": transport, **variables}
            return stack.enter_context(Service(project, log, port=port, variables=variables))

        yield start
