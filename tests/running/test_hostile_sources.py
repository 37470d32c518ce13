"""Whatever a user points the command at: one line says what is wrong, soon, and nothing else happens."""

import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from hostile_files import Hostile, file
from hostile_models import CONTROL_WORDS, HOSTILE_WORDS, MODELS, mutants, onnx, value, worded
from hostile_sources import READABLE, hostile_sources
from pointing import STOPPED, Outcome, Pointed, point
from serving import needs_proc

from grpc_ml_template.sources.common import opening
from grpc_ml_template.sources.common.opening import SourceError, opened

pytestmark = [pytest.mark.slow, needs_proc]

# Of the processor, for one source.
MOST_SECONDS = 2
MOST_GROWTH = 200 << 20
LONGEST_LINE = 500
PARTS = 4
# Seconds for which a file that is written again and again stays as it is.
PAUSE = 0.0005
# A module that is never to be imported.
TRIPWIRE = "open({canary!r}, 'w').close()\n"


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Path]:
    """A file that is there once something was run; what is made for a test goes with it."""
    yield tmp_path / "ran"
    shutil.rmtree(tmp_path / "given", ignore_errors=True)


def pointed(sources: Sequence[Hostile], canary: Path, every: int = 0) -> list[Outcome]:
    """Make sources and point the command at them; `every` how many a project shall be made."""
    given, modules = canary.with_name("given"), canary.with_name("modules")
    modules.mkdir()
    (modules / "tripwire.py").write_text(TRIPWIRE.format(canary=str(canary)))
    answers = []
    for number, source in enumerate(sources):
        folder = given / str(number)
        folder.mkdir(parents=True)
        is_whole = bool(every) and number % every == 0
        answers.append(Pointed(source.name, str(folder), source.make(folder), is_whole))
    outcomes = point(answers, canary.with_name("work"), modules)
    assert len(outcomes) == len(sources)
    assert not canary.exists()
    return outcomes


def faults(outcome: Outcome) -> list[str]:
    """What is wrong with how a source was refused, or with the project that was made of it."""
    line = outcome.said.removesuffix("\n")
    is_line = line.isprintable() and 0 < len(line) <= LONGEST_LINE and "; " in line
    is_refused = outcome.status == 1 and is_line and not outcome.project
    is_made = outcome.status == 0 and not line and is_python(Path(outcome.project))
    found = {
        f"status {outcome.status}: {outcome.said[-300:]!r}": not is_refused and not is_made,
        f"{outcome.seconds:.1f} s": outcome.seconds > MOST_SECONDS and not outcome.project,
        f"{outcome.grown >> 20} MiB": outcome.grown > MOST_GROWTH,
        f"did {outcome.deeds}": bool(outcome.deeds),
        f"left {outcome.left}": bool(outcome.left),
    }
    return [f"{outcome.name}: {fault}" for fault, is_there in found.items() if is_there]


def is_python(project: Path) -> bool:
    """Whether all modules of a project can be compiled."""
    for path in project.rglob("*.py"):
        compile(path.read_bytes(), path, "exec")
    return project.is_dir()


@pytest.mark.parametrize("part", range(PARTS))
def test_a_hostile_source_is_refused_in_one_line_and_does_nothing(canary: Path, part: int) -> None:
    outcomes = pointed([*hostile_sources(canary)][part::PARTS], canary)
    assert [fault for outcome in outcomes for fault in faults(outcome)] == []
    taken = [each.name for each in outcomes if each.said.startswith(STOPPED)]
    assert [name for name in taken if name not in READABLE] == []


def test_a_broken_source_is_read_or_refused(canary: Path) -> None:
    outcomes = pointed([*mutants(1, 200)], canary)
    assert [fault for outcome in outcomes for fault in faults(outcome)] == []


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_broken_sources_are_read_or_refused(canary: Path, seed: int) -> None:
    outcomes = pointed([*mutants(seed, 500)], canary, every=10)
    assert [fault for outcome in outcomes for fault in faults(outcome)] == []


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("c#/model.onnx", "c#/model.onnx"),
        ("a#b.onnx", "a#b.onnx"),
        ("model.onnx", "  model.onnx "),
        ("a b'[red]{{ 1 }}.onnx", "a b'[red]{{ 1 }}.onnx"),
        ("inner/model.onnx", "inner/../inner//model.onnx"),
    ],
)
def test_a_good_source_is_read_wherever_it_is(canary: Path, place: str, answer: str) -> None:
    content = (MODELS / "onnx_iris_tensor" / "model.onnx").read_bytes()

    def make(folder: Path) -> str:
        file(place, content)(folder)
        return answer

    [outcome] = pointed([Hostile(place, make)], canary, every=1)
    assert faults(outcome) == []
    assert outcome.project


def test_words_in_a_model_never_become_code(canary: Path) -> None:
    wordings = [HOSTILE_WORDS, *(["a", word, "b"] for word in CONTROL_WORDS)]
    sources = [source for words in wordings for source in worded(words)]
    outcomes = pointed(sources, canary, every=1)
    assert [fault for outcome in outcomes for fault in faults(outcome)] == []
    assert sum(bool(outcome.project) for outcome in outcomes) > len(sources) / 3


@pytest.mark.parametrize("count", [2_000, 10_000, 100_000])
def test_a_model_of_very_many_names_is_read_or_refused_soon(canary: Path, count: int) -> None:
    outcomes = pointed([*worded([f"column {number}" for number in range(count)])], canary)
    assert [fault for outcome in outcomes for fault in faults(outcome)] == []


def test_a_source_that_is_written_meanwhile_is_read_or_refused(
    canary: Path, tmp_path: Path
) -> None:
    paths = [*MODELS.glob("*/model.*")]
    contents = [path.read_bytes() for path in paths]
    is_over = threading.Event()
    moving = tmp_path / "moving"
    moving.mkdir()

    def write() -> None:
        while not is_over.is_set():
            for path, content in zip(paths, contents, strict=True):
                target = moving / f"{path.parent.name}{path.suffix}"
                target.write_bytes(content)
                os.truncate(target, len(content) // 2)
                time.sleep(PAUSE)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        names = [f"{path.parent.name}{path.suffix}" for path in paths] * 2
        sources = [Hostile(name, lambda _, name=name: str(moving / name)) for name in names]  # type: ignore[misc]
        outcomes = pointed(sources, canary)
    finally:
        is_over.set()
        writer.join()
    assert [fault for outcome in outcomes for fault in faults(outcome)] == []


def test_a_file_that_is_cut_off_once_its_size_is_known_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in (1_000, opening.READ_AT_ONCE + 1):
        path = tmp_path / "model.onnx"
        path.write_bytes(bytes(size))

        def cut(descriptor: int, path: Path = path) -> os.stat_result:
            status = os.stat(descriptor)
            os.truncate(path, 10)
            return status

        with monkeypatch.context() as patched:
            patched.setattr(opening, "os", SimpleNamespace(**{**vars(os), "fstat": cut}))
            with pytest.raises(SourceError, match="changes while it is read"), opened(path):
                pass


def test_a_file_that_is_cut_off_while_it_is_read_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    content = onnx([value("x")], [value("y")])
    path.write_bytes(content)
    with opened(path) as view:
        os.truncate(path, 0)
        assert bytes(view) == content
