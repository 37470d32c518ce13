"""Points the cookiecutter command at sources, each in a process of its own, and says what came of it.

Started as a program, it takes work from its input as JSON and gives outcomes on its output, a line
each. All that is imported is imported once: each source is read in a fork, which tells its time and
memory apart from those of others, and ends alone if it crashes.
"""

import gc
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from baking import HELPERS, TEMPLATE, write_config

# Longest that a source may take before its process is ended.
MOST_WAIT = 20
# What a process may take beyond what it has, lest the tests take the machine with them.
MOST_MEMORY = 8 << 30
# An answer that is refused after all answers that follow from a source, so that nothing is written.
STOP = "project_slug=con"
STOPPED = 'project_slug: "con"'
# What no reader has to do: a global of a pickle that is looked up, a process, a connection.
DEEDS = ("ctypes.", "os.", "pickle.", "shutil.", "socket.", "subprocess.", "tempfile.", "pty.")
HARMLESS = ("os.listdir", "os.scandir", "os.walk", "os.fwalk")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(frozen=True)
class Pointed:
    """A source that the command is pointed at.

    Attributes:
        name: What is wrong with it.
        folder: Where it is, with all that may not change.
        answer: What the user answers.
        is_whole: Whether a project shall be made, if the source can be read.
    """

    name: str
    folder: str
    answer: str
    is_whole: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        name: That of the source.
        said: All that was printed.
        status: The exit status; negative if a signal ended the process.
        seconds: The time of the processor that it took.
        grown: The bytes of memory that it took beyond what was there before.
        deeds: What it did that readers do not: code, processes, connections, writing.
        left: What it left or changed: files of the source, of the home, of the temporary folder.
        project: The folder of the project; empty if there is none.
    """

    name: str
    said: str
    status: int
    seconds: float
    grown: int
    deeds: list[str]
    left: list[str]
    project: str


def point(sources: Sequence[Pointed], work: Path, modules: Path) -> list[Outcome]:
    """Point the command at each source.

    Args:
        sources: The sources, each in a folder of its own.
        work: A new folder for what is written.
        modules: A folder with modules that could be imported.
    """
    work.mkdir()
    folders = map(str, (modules, HELPERS, TEMPLATE))
    done = subprocess.run(
        [sys.executable, str(Path(__file__)), str(work)],
        input=json.dumps([asdict(source) for source in sources]).encode(),
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
        check=True,
    )
    return [Outcome(**json.loads(line)) for line in done.stdout.splitlines()]


def main() -> None:
    """Take work, do it, and tell of it."""
    work = Path(sys.argv[1])
    for name in ("made", "temporary", "home"):
        (work / name).mkdir()
    os.environ |= {"TMPDIR": str(work / "temporary"), "HOME": str(work / "home")}
    os.environ["PATH"] = ""  # Nor is there anything to run.
    config = write_config(work)
    import_all()
    sources = [Pointed(**each) for each in json.load(sys.stdin)]
    gc.freeze()  # A fork then copies less.
    for source in sources:
        print(json.dumps(asdict(outcome(source, work, config))), flush=True)


def import_all() -> None:
    """Import what the command imports, and what it imports only when it has a question."""
    import cookiecutter.cli
    from cookiecutter.environment import StrictEnvironment

    import grpc_ml_template.extension

    assert cookiecutter.cli
    assert grpc_ml_template.extension
    StrictEnvironment(context={})


def outcome(source: Pointed, work: Path, config: Path) -> Outcome:
    """What comes of one source."""
    places = [Path(source.folder)]
    made = Path(tempfile.mkdtemp(dir=work / "made"))
    if not source.is_whole:
        places += [work / "temporary", work / "home"]
    before = [*listing(*places)]
    said, deeds = work / "said", work / "deeds"
    size = resident()
    child = os.fork()
    if not child:
        run(source, work, made, config)
    _, wait_status, usage = os.wait4(child, 0)
    projects = sorted(made.iterdir())
    after = [*listing(*places)]
    return Outcome(
        name=source.name,
        said=said.read_bytes().decode(errors="backslashreplace"),
        status=os.waitstatus_to_exitcode(wait_status),
        seconds=usage.ru_utime + usage.ru_stime,
        grown=usage.ru_maxrss * 1024 - size,
        deeds=json.loads(deeds.read_text() or "[]"),
        left=sorted({*before} ^ {*after}),
        project=str(projects[0]) if projects else "",
    )


def resident() -> int:
    """How many bytes of memory this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def listing(*folders: Path) -> Iterator[str]:
    """Each file of some folders, with what would be another if somebody had been there."""
    for folder in folders:
        for parent, folders_in, files in os.walk(os.fsencode(folder)):
            for name in (b"", *folders_in, *files):
                path = os.path.join(parent, name)
                status = os.lstat(path)
                yield f"{path!r} {status.st_mode} {status.st_ino} {status.st_size} {status.st_mtime_ns}"


def run(source: Pointed, work: Path, made: Path, config: Path) -> None:
    """Be the command, in a fork."""
    from cookiecutter.cli import main as command

    signal.alarm(MOST_WAIT)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    deeds: list[str] = []
    (work / "deeds").write_text("")
    output = os.open(work / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(source.folder)
    if not source.is_whole:  # What makes a project does more than a reader.
        sys.addaudithook(watcher(deeds, work))
    answers = [f"source={source.answer}", *([] if source.is_whole else [STOP])]
    options = ["--no-input", "--accept-hooks", "no", "--config-file", str(config), "-o", str(made)]
    status: object = 0
    try:
        command([str(TEMPLATE), *options, *answers], prog_name="cookiecutter")
    except SystemExit as end:
        status = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 70
    sys.stdout.flush()
    sys.stderr.flush()
    with open(work / "deeds", "w", encoding="ascii") as file:
        json.dump(deeds[:20], file)
    os._exit(status if isinstance(status, int) else 70)


def watcher(deeds: list[str], work: Path) -> Callable[[str, tuple[Any, ...]], None]:
    """A hook that notes what no reader does; it may write into the folder `work`."""
    allowed = str(work)
    known = {TEMPLATE, Path(sys.prefix), Path(sys.base_prefix)}

    def is_allowed(arguments: tuple[Any, ...]) -> bool:
        return any(str(argument).startswith(allowed) for argument in arguments)

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if flags & WRITING and not str(path).startswith(allowed):
                deeds.append(f"writes {path!r}")
        elif event == "import":
            name = arguments[0]
            deeds.extend([f"imports {name}"] if name.partition(".")[0] not in KNOWN else [])
        elif event == "exec":
            name = getattr(arguments[0], "co_filename", "")
            if not is_known_code(name, known):
                deeds.append(f"runs code of {name}")
        elif event.startswith(DEEDS) and event not in HARMLESS and not is_allowed(arguments):
            deeds.append(f"{event}{arguments!r:.100}")

    return note


# Packages that may be imported late, by cookiecutter and by the template.
KNOWN = sys.stdlib_module_names | {
    "_yaml", "binaryornot", "chardet", "charset_normalizer", "click", "cookiecutter",
    "grpc_ml_template", "jinja2", "markupsafe", "rich", "slugify", "yaml",
}  # fmt: skip


def is_known_code(name: str, known: set[Path]) -> bool:
    """Whether code is a module's that is installed, or a template's."""
    is_template = name in ("<template>", "<unknown>")
    return is_template or any(str(folder) in name for folder in known) or "frozen" in name


if __name__ == "__main__":
    main()
