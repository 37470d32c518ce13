"""The image: built, run and called for real."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from baking import bake, compile_stubs, run, tool
from container import Container, Engine, find_engine
from samples import LONGEST, SHORTEST

# All on one worker, which builds the image once.
pytestmark = pytest.mark.xdist_group("container")

TAG = f"localhost/cookiecutter-grpc-ml-test:{os.getpid()}"
PREDICT = """
from iris_classifier import Client

with Client("{address}", timeout=60) as client:
    for _ in range(100):
        prediction = client.predict(
            sepal_length=6.7, sepal_width=3.0, petal_length=5.2, petal_width=2.3
        )
print(prediction.species)
"""
# What only the build needs.
COMMANDS = ["uv", "gcc", "cc", "g++", "c++", "make", "hatchling"]
UNWANTED = [
    *(f"*/bin/{command}" for command in COMMANDS),
    "*-packages/grpc_tools",
    "*-packages/hatchling",
    "*-packages/uv",
    "*/compile_proto.py",
    "/build/*",
    "/tools/*",
    "/root/.cache/*",
    "/home/app/.cache/*",
]


@pytest.mark.parametrize("names", [{}, SHORTEST, LONGEST], ids=["usual", "shortest", "longest"])
def test_hadolint_finds_nothing(tmp_path: Path, names: dict[str, str]) -> None:
    project = bake(tmp_path, **names)
    run(tool("hadolint"), "--failure-threshold", "style", "Dockerfile", cwd=project)


def test_the_base_image_may_be_pinned_by_its_digest(tmp_path: Path) -> None:
    project = bake(tmp_path)
    dockerfile = project / "Dockerfile"
    text = dockerfile.read_text()
    bases = [line.split()[1] for line in text.splitlines() if line.startswith("FROM ")]
    assert set(bases) == {"${PYTHON_IMAGE}"}
    pinned = f"python:3.13-slim@sha256:{'0123456789abcdef' * 4}"
    dockerfile.write_text(
        text.replace("PYTHON_IMAGE=python:3.13-slim\n", f"PYTHON_IMAGE={pinned}\n")
    )
    assert pinned in dockerfile.read_text()
    run(tool("hadolint"), "--failure-threshold", "style", "Dockerfile", cwd=project)
    command = run("make", "--dry-run", "docker", f"PYTHON_IMAGE={pinned}", cwd=project)
    assert '--build-arg "PYTHON_IMAGE=$PYTHON_IMAGE" .' in command
    assert "--build-arg" not in run("make", "--dry-run", "docker", cwd=project)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default project, with what a developer leaves in it."""
    project = bake(tmp_path_factory.mktemp("project"))
    (project / ".venv").mkdir()
    (project / ".venv" / "large").write_text("not for the image")
    (project / ".env").write_text("SECRET=not for the image")
    return project


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Iterator[Engine]:
    """What has built the project's image."""
    engine = find_engine(tmp_path_factory.mktemp("container"))
    engine.build_project(project, TAG)
    yield engine
    engine.remove(TAG)


@pytest.fixture(scope="module")
def config(engine: Engine) -> dict[str, Any]:
    """The image's configuration."""
    return engine.config(TAG)


@pytest.fixture(scope="module")
def container(engine: Engine) -> Iterator[Container]:
    """The image, running; the last test stops it."""
    with engine.start(TAG) as container:
        yield container


@pytest.mark.slow
def test_image_says_how_to_run_it(config: dict[str, Any]) -> None:
    assert config["Cmd"] == ["iris-classifier", "serve"]
    assert config["Healthcheck"]["Test"] == ["CMD", "iris-classifier", "health"]
    assert list(config["ExposedPorts"]) == ["50051/tcp"]
    assert config["User"] == "10001"


@pytest.mark.slow
def test_image_has_nothing_that_only_the_build_needs(container: Container) -> None:
    paths = " -o ".join(f"-path '{path}'" for path in UNWANTED)
    find = f"find / -xdev \\( -path /proc -o -path /sys \\) -prune -o \\( {paths} \\) -print"
    assert container.run("sh", "-c", find, user="root") == ""
    secrets = "grep -rs SECRET= /app /home || true"
    assert container.run("sh", "-c", secrets, user="root") == ""


@pytest.mark.slow
def test_user_of_the_image_can_change_nothing_of_it(container: Container) -> None:
    # Installers leave an empty lock behind.
    writable = "find /app -writable -not -type l -not -name .lock"
    assert container.run("sh", "-c", writable) == ""


@pytest.mark.slow
def test_container_predicts(project: Path, config: dict[str, Any], container: Container) -> None:
    compile_stubs(project)
    check = config["Healthcheck"]["Test"][1:]
    wait_until_healthy(container, check)
    assert container.run(*check) == "SERVING\n"
    script = PREDICT.format(address=container.address)
    assert run(sys.executable, "-c", script, cwd=project / "src") == "virginica\n"


def wait_until_healthy(container: Container, check: list[str]) -> None:
    """Wait until the health check ends well."""
    command = " ".join(check)
    container.run("sh", "-c", f"for i in $(seq 60); do {command} && exit; sleep 1; done; exit 1")


@pytest.mark.slow
def test_container_stops_when_told(config: dict[str, Any], container: Container) -> None:
    wait_until_healthy(container, config["Healthcheck"]["Test"][1:])
    assert container.uid() == 10001
    started = time.monotonic()
    assert container.stop() == 0
    assert time.monotonic() - started < 10
