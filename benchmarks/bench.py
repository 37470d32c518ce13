"""Serves systems one at a time, checks their answers, and loads them in turn."""

import json
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from . import environments, machine
from .checks import CheckError, NotReadyError, Question, Whole, ask, read_rows
from .environments import Installation, InstallError
from .load import Load, LoadError, Target, measure, medians
from .pace import STEADY, Pace
from .processes import Server, free_ports
from .systems import MODELS, System

HERE = Path(__file__).resolve().parent
# From light to heavy, as BentoML's batching long remembers how heavy the load was.
IN_FLIGHT = (1, 8, 64)
READY_SECONDS = 120
# A machine with much else to do may keep a system from starting in time.
TRIES = 2
# How often a load is repeated at most because others slowed the machine down.
LOADS = 3
# A model as small as these only loses by more threads, and all have one core.
ONE_THREAD = dict.fromkeys(
    ("MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"
)


# Measures a load: of a target, with so many requests in flight, for so many seconds after a warm-up,
# from these cores.
Measure = Callable[[Target, int, float, float, str], Load]


class StartError(Exception):
    """Says in one line why a system did not start."""


@dataclass(frozen=True)
class Settings:
    """How to measure.

    Attributes:
        seconds: How long a load is.
        warm_up: How long it runs before it counts.
        rounds: How often each system has its turn; the median counts.
        server_cores: The cores of the server, as taskset takes them.
        load_cores: Those of the load and of the clients.
    """

    seconds: float
    warm_up: float
    rounds: int
    server_cores: str
    load_cores: str


class Bench:
    """Systems that are installed, ready to be served.

    Attributes:
        settings: How to measure.
        console: Where to tell of progress.
        installed: The systems that could be installed.
        failures: Why a system could not be measured, with each model that it happened with.
        pace: How fast the machine is now.
        answers_file: The rows that are asked about, and scikit-learn's answers.
        questions: What systems are asked, by the names of models and payloads.
    """

    def __init__(self, settings: Settings, console: Console) -> None:
        self.settings = settings
        self.console = console
        self.installed: dict[System, Installation] = {}
        self.failures: dict[tuple[System, str], str] = {}
        self.pace = Pace()

    def prepare(self) -> None:
        """Train the models."""
        python = str(environments.tools() / "bin" / "python")
        self._models = environments.CACHE / "models"
        environments.run([python, str(HERE / "models.py"), str(self._models)])
        self.answers_file = self._models / "answers.json"
        self.questions: dict[str, Question] = {**read_rows(self.answers_file)}

    def prepare_files(self, names: Mapping[str, str]) -> None:
        """Write what large requests hold.

        Args:
            names: What payload_files.py calls each file, by what it is to be called here.
        """
        python = str(environments.tools() / "bin" / "python")
        script = str(HERE / "payload_files.py")
        printed = environments.run([python, script, str(self._models), *names.values()])
        written = json.loads(printed)
        self.questions |= {name: Whole(**written[file]) for name, file in names.items()}

    def install(self, systems: Sequence[System]) -> None:
        """Install all systems, and train the models."""
        self.prepare()
        for system in systems:
            started = time.monotonic()
            try:
                self.installed[system] = environments.of(system)
            except InstallError as error:
                self.failures |= {(system, model): f"install: {error}" for model in system.models}
                self.console.print(f"{system.title}: [red]{error}[/]")
            else:
                self.console.print(f"{system.title}: {time.monotonic() - started:.1f} s")

    def run(
        self,
        models: Sequence[str] = tuple(MODELS),
        in_flight: Sequence[int] = IN_FLIGHT,
        measured_by: Measure = measure,
    ) -> dict[str, Any]:
        """Give each system with each model its turn, in rounds, and return all that came of it.

        Args:
            models: The models, or payloads, whose systems are measured.
            in_flight: How many requests are in flight, one number after the other.
            measured_by: What measures a load.
        """
        turns = [
            (round_, model, system)
            for round_ in range(1, self.settings.rounds + 1)
            for model in models
            for system in self.installed
            if model in system.models
        ]
        loads: dict[tuple[System, str, int], list[Load]] = {}
        with progress_bar(self.console) as progress:
            task = progress.add_task("", total=len(turns))
            for round_, model, system in turns:
                progress.update(task, description=f"{system.title}, {model}, round {round_}")
                if (system, model) not in self.failures:
                    taken = self._take_turn(system, model, in_flight, measured_by)
                    for number, load in taken.items():
                        loads.setdefault((system, model, number), []).append(load)
                progress.advance(task)
        return {
            "machine": machine.describe(),
            "noise": asdict(self.pace.noise()),
            "settings": asdict(self.settings),
            "systems": [self._describe(system) for system in self._systems(models)],
            "results": [
                summarize(*key, measured)
                for key, measured in loads.items()
                if key[:2] not in self.failures
            ],
            "failures": [
                {"system": system.name, "model": model, "reason": reason}
                for (system, model), reason in self.failures.items()
                if model in models
            ],
        }

    @contextmanager
    def serve(
        self,
        system: System,
        model: str,
        cores: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Iterator[Target]:
        """Start a system with a model, see that its answers are right, and stop it after.

        Args:
            system: What to start.
            model: The model to serve.
            cores: The cores to run on, if not those of the settings.
            variables: Environment variables beside the system's own.

        Raises:
            StartError: If it does not start.
            CheckError: If its answers are wrong, or it is not what it says it is.
        """
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            port, *spare = free_ports(3)
            installed = self.installed[system]
            places = {"port": port, "spare": spare, "env": installed.env}
            folder = installed.home / "peers" / system.folder
            environment = self._environment(system, model, Path(scratch))
            own = {**system.environment, **(variables or {})}
            environment |= {name: value.format(**places) for name, value in own.items()}
            with Server(
                system.start.format(**places),
                folder,
                environment,
                cores or self.settings.server_cores,
                Path(scratch, "log"),
            ) as server:
                wait_for_port(server, port)
                message = self._check(system, model, server, port)
                yield Target(
                    f"http://127.0.0.1:{port}{system.path}",
                    system.protocol,
                    message,
                    content_type=system.content_type,
                    pid=server.pid,
                )

    def _take_turn(
        self, system: System, model: str, in_flight: Sequence[int], measured_by: Measure
    ) -> dict[int, Load]:
        """Serve a system, and load it with each number of requests in flight."""
        for tries_left in reversed(range(TRIES)):
            try:
                with self.serve(system, model) as target:
                    loads = {
                        number: self.load(target, number, measured_by=measured_by)
                        for number in in_flight
                    }
            except (StartError, CheckError, LoadError) as error:
                self.console.print(f"{system.title:<28} {model:<5} [red]{error}[/]", soft_wrap=True)
                if isinstance(error, CheckError) or not tries_left:
                    self.failures[system, model] = str(error)
                    break
            else:
                rates = "  ".join(
                    f"{load.requests_per_second:>8,.0f}" for load in reversed(loads.values())
                )
                self.console.print(f"{system.title:<28} {model:<5} {rates}  requests/s")
                return loads
        return {}

    def load(
        self,
        target: Target,
        in_flight: int,
        cores: str | None = None,
        measured_by: Measure = measure,
    ) -> Load:
        """Load a system as the settings say, or from other cores, while the machine is at its best.

        Raises:
            LoadError: If requests failed.
        """
        settings = self.settings
        loads: list[tuple[float, Load]] = []
        while len(loads) < LOADS:
            self.pace.wait()
            load = measured_by(
                target, in_flight, settings.seconds, settings.warm_up, cores or settings.load_cores
            )
            slowness = min(self.pace.slowness() for _ in range(3))
            loads.append((slowness, load))
            if slowness <= STEADY:
                break
        return min(loads, key=lambda load: load[0])[1]

    def script(self, system: System, name: str, *arguments: str, model: str = "") -> dict[str, Any]:
        """Return what subprocess takes to run a script of a system in its environment.

        Args:
            system: Whose script it is.
            name: The file.
            arguments: What follows on its command line.
            model: The model, if it loads one.
        """
        installed = self.installed[system]
        file = installed.home / "peers" / system.folder / name
        path = str(installed.home / "shared")
        return {
            "args": [str(installed.env / "bin" / "python"), str(file), *arguments],
            "env": {**os.environ, "PYTHONPATH": path, **self._serving(model)},
        }

    def _environment(self, system: System, model: str, scratch: Path) -> dict[str, str]:
        """Return the environment variables that all systems have in common."""
        installed = self.installed[system]
        return {
            "PATH": os.pathsep.join([str(installed.env / "bin"), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join([str(installed.home / "shared"), str(installed.env)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "LANG": "C.UTF-8",
            **self._serving(model),
        }

    def _serving(self, model: str) -> dict[str, str]:
        """Return the environment variables of what loads a model."""
        return {"BENCH_MODEL": model, "BENCH_MODELS": str(self._models), **ONE_THREAD}

    def ask(self, system: System, name: str, port: int, client: str | None = None) -> bytes:
        """Ask a system a question, see that the answer is right, and return the request.

        Args:
            system: What to ask, by its client.
            name: The name of the question.
            port: Where it is served.
            client: The client to ask by, if not the system's own.

        Raises:
            NotReadyError: If the client failed.
            CheckError: If the answer is wrong.
        """
        installed = self.installed[system]
        question = self.questions[name]
        folder = installed.home / "peers" / system.folder
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            environment = self._environment(system, name, Path(scratch))
            cores = self.settings.load_cores
            answers, message = ask(
                client or system.client, folder, environment, port, cores, question.given
            )
        if system.answers:
            question.compare(answers)
        return message

    def _check(self, system: System, model: str, server: Server, port: int) -> bytes:
        """Wait until a system answers, compare the answers, and return a request."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                message = self.ask(system, model, port)
                break
            except NotReadyError as error:
                if not server.running:
                    raise StartError(f"stopped: {server.last_line()}") from None
                if time.monotonic() > deadline:
                    raise StartError(f"not ready after {READY_SECONDS} s: {error}") from None
                time.sleep(0.5)
        if system.library and not server.has_loaded(system.library):
            raise CheckError(f"it runs without {system.library}")
        return message

    def _systems(self, models: Sequence[str]) -> list[System]:
        """Return all systems of these models, those that could not be installed too, each once."""
        systems = dict.fromkeys([*self.installed, *(system for system, _ in self.failures)])
        return [system for system in systems if set(system.models) & set(models)]

    def _describe(self, system: System) -> dict[str, Any]:
        """Return what the report says about a system."""
        installed = self.installed.get(system)
        return {
            "name": system.name,
            "title": system.title,
            "protocol": system.protocol,
            "configuration": system.configuration,
            "packages": system.packages,
            "versions": environments.versions(installed.env) if installed else {},
        }


def progress_bar(console: Console) -> Progress:
    """Return a bar that says what is being done, and how long the rest will take."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, TimeRemainingColumn(), console=console)


def summarize(system: System, model: str, in_flight: int, loads: list[Load]) -> dict[str, Any]:
    """Return the medians of the rounds, and the rounds."""
    return {
        "system": system.name,
        "model": model,
        "in_flight": in_flight,
        **medians(loads),
        "rounds": [asdict(load) for load in loads],
    }


def wait_for_port(server: Server, port: int) -> None:
    """Wait until a server listens."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if not server.running:
                raise StartError(f"did not start: {server.last_line()}") from None
            if time.monotonic() > deadline:
                raise StartError(f"does not listen after {READY_SECONDS} s") from None
            time.sleep(0.1)
