"""Builds images and runs them for the tests: with Docker, or with buildah where no daemon runs.

Buildah needs no daemon, no image registry and no namespaces: a base image is made of Debian's
packages, once, and kept in the cache folder of the user.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

PORT = 50051
BASE = "localhost/cookiecutter-grpc-ml-base"
SUITE = "bookworm"
PACKAGES = "ca-certificates,python3,python3-venv"
STOP_SECONDS = 30

# Builds reach the package index as this machine does.
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
INDEXES = ("PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT", "UV_DEFAULT_INDEX", "UV_HTTP_TIMEOUT")
CERTIFICATES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class Container(Protocol):
    """A container whose command runs."""

    address: str

    def run(self, *command: str, user: str | None = None) -> str:
        """Run another command in it and return what it prints."""

    def uid(self) -> int:
        """Return the user that its command runs as."""

    def stop(self) -> int:
        """Send its command SIGTERM and return the status that it ends with."""


class Engine(ABC):
    """What Docker and buildah share: they build from a Dockerfile."""

    build_command: tuple[str, ...]

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def build(self, context: Path, tag: str, **arguments: str) -> None:
        """Build a Dockerfile."""
        given = {**arguments, **{n: os.environ[n] for n in PROXIES if os.environ.get(n)}}
        pairs = [word for item in given.items() for word in ("--build-arg", "=".join(item))]
        call(*self.build_command, "--tag", tag, *pairs, str(context))

    def build_like_host(self, context: Path, tag: str, base: str) -> None:
        """Build a Dockerfile on a base that trusts the certificates which this machine trusts."""
        like_host = f"{tag}-base"
        folder = self.folder / "base"
        folder.mkdir()
        lines = [f"FROM {base}"]
        lines += [f'ENV {name}="{os.environ[name]}"' for name in INDEXES if os.environ.get(name)]
        bundles = [os.environ[name] for name in CERTIFICATES if os.environ.get(name)]
        if bundles:
            shutil.copy(bundles[0], folder / "bundle.pem")
            lines += ["COPY bundle.pem /etc/ssl/host.pem"]
            lines += [f"ENV {name}=/etc/ssl/host.pem" for name in ("SSL_CERT_FILE", "PIP_CERT")]
        (folder / "Dockerfile").write_text("\n".join(lines) + "\n")
        self.build(folder, like_host)
        self.build(context, tag, PYTHON_IMAGE=like_host)

    @abstractmethod
    def build_project(self, context: Path, tag: str) -> None:
        """Build a project's image."""

    @abstractmethod
    def config(self, tag: str) -> dict[str, Any]:
        """Return the configuration of an image: User, Cmd, Healthcheck and so on."""

    @abstractmethod
    def start(self, tag: str) -> Any:
        """Run an image's own command, as a context that ends with the container."""

    @abstractmethod
    def remove(self, tag: str) -> None:
        """Remove an image and its base."""


def find_engine(folder: Path) -> Engine:
    """Return what can build and run images here, or skip the test."""
    if succeeds("docker", "info"):
        return Docker(folder)
    if platform.system() != "Linux" or os.geteuid() != 0:
        pytest.skip("no Docker daemon answers, and buildah's chroots take root on Linux")
    if not shutil.which("buildah") or not shutil.which("debootstrap"):
        if not is_debian() or not shutil.which("apt-get"):
            pytest.skip("no Docker daemon answers, and there are no buildah and debootstrap")
        call("apt-get", "update")
        packages = ("buildah", "debootstrap", "debian-archive-keyring")
        call("apt-get", "install", "--yes", "--no-install-recommends", *packages)
    return Buildah(folder)


def is_debian() -> bool:
    """Tell whether Debian's packages can be installed here."""
    try:
        return "debian" in " ".join(platform.freedesktop_os_release().values())
    except OSError:
        return False


def call(*command: str, **options: Any) -> str:
    """Run a command and return what it prints; fail with that if it fails."""
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}"
    return done.stdout


def succeeds(*command: str) -> bool:
    """Tell whether a command is there and ends well."""
    try:
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


# Docker


class Docker(Engine):
    """Docker, or what calls itself so."""

    build_command = ("docker", "build")

    def build_project(self, context: Path, tag: str) -> None:
        dockerfile = (context / "Dockerfile").read_text()
        default = dockerfile.partition("ARG PYTHON_IMAGE=")[2].split()[0]
        self.build_like_host(context, tag, default)

    def config(self, tag: str) -> dict[str, Any]:
        config: dict[str, Any] = json.loads(call("docker", "image", "inspect", tag))[0]["Config"]
        return config

    @contextmanager
    def start(self, tag: str) -> Iterator[Container]:
        name = call("docker", "run", "--detach", "--publish", f"127.0.0.1::{PORT}", tag).strip()
        try:
            yield DockerContainer(name)
        finally:
            call("docker", "rm", "--force", "--volumes", name)

    def remove(self, tag: str) -> None:
        call("docker", "image", "rm", "--force", tag, f"{tag}-base")


class DockerContainer:
    """A container of Docker's."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.address = call("docker", "port", name, str(PORT)).split()[0]

    def run(self, *command: str, user: str | None = None) -> str:
        options = ["--user", user] if user else []
        return call("docker", "exec", *options, self._name, *command)

    def uid(self) -> int:
        return int(self.run("stat", "--format", "%u", "/proc/1"))

    def stop(self) -> int:
        call("docker", "stop", "--time", str(STOP_SECONDS), self._name)
        return int(call("docker", "inspect", "--format", "{{.State.ExitCode}}", self._name))


# Buildah


class Buildah(Engine):
    """Buildah with its own storage, which nobody else sees."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        self._cache = caches / "cookiecutter-grpc-ml"
        self._cache.mkdir(parents=True, exist_ok=True)
        storage = ("--root", str(self._cache / "storage"), "--runroot", str(folder / "run"))
        self._buildah = ("buildah", *storage)
        # Only Docker's format of images has health checks.
        options = ("--isolation", "chroot", "--format", "docker", "--pull-never")
        self.build_command = (*self._buildah, "build", *options)

    def build_project(self, context: Path, tag: str) -> None:
        with (self._cache / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._call("images", "--quiet", "--filter", f"reference={BASE}").strip():
                self._make_base()
        self.build_like_host(context, tag, BASE)

    def _make_base(self) -> None:
        root = self.folder / "root"
        call("debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(root))
        shutil.rmtree(root / "var/cache/apt")
        name = self._call("from", "scratch").strip()
        try:
            self._call("add", "--quiet", name, str(root), "/")
            self._call("commit", "--quiet", name, BASE)
        finally:
            self._call("rm", name)
            shutil.rmtree(root)

    def _call(self, *arguments: str) -> str:
        return call(*self._buildah, *arguments)

    def config(self, tag: str) -> dict[str, Any]:
        inspected = json.loads(self._call("inspect", "--type", "image", tag))
        config: dict[str, Any] = inspected["Docker"]["config"]
        return config

    @contextmanager
    def start(self, tag: str) -> Iterator[Container]:
        name = self._call("from", "--pull-never", tag).strip()
        try:
            # It has the network of this machine, where its own port may be taken.
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            self._call("config", "--env", f"SERVER_PORT={port}", name)
            run = (*self._buildah, "run", "--isolation", "chroot")
            container = BuildahContainer(run, name, self.config(tag)["Cmd"], port)
            try:
                yield container
            finally:
                container.kill()
        finally:
            self._call("rm", name)

    def remove(self, tag: str) -> None:
        self._call("rmi", "--force", tag, f"{tag}-base")


class BuildahContainer:
    """A container of buildah's: a chroot, with the processes and the network of this machine."""

    def __init__(self, run: tuple[str, ...], name: str, command: list[str], port: int) -> None:
        self._run, self._name = run, name
        self.address = f"127.0.0.1:{port}"
        self._command = "\0".join(command).encode()
        self._buildah = subprocess.Popen([*run, name, "--", *command])

    def run(self, *command: str, user: str | None = None) -> str:
        options = ["--user", user] if user else []
        return call(*self._run, *options, self._name, "--", *command)

    def uid(self) -> int:
        status = Path(f"/proc/{self._pid()}/status").read_text()
        return int(status.partition("Uid:")[2].split()[0])

    def stop(self) -> int:
        os.kill(self._pid(), signal.SIGTERM)
        return self._buildah.wait(timeout=STOP_SECONDS)

    def kill(self) -> None:
        """End it if it still runs."""
        if self._buildah.poll() is None:
            os.kill(self._pid(), signal.SIGKILL)
            self._buildah.wait(timeout=STOP_SECONDS)

    def _pid(self) -> int:
        """Return the process of its command: the last that has it, since buildah's own begin it."""
        pid, found = self._buildah.pid, self._buildah.pid
        while child := children(pid):
            pid = child[0]
            if self._command in Path(f"/proc/{pid}/cmdline").read_bytes():
                found = pid
        return found


def children(pid: int) -> list[int]:
    """Return the processes that all threads of a process have started."""
    found = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(word) for word in tasks.read_text().split()]
    return found
