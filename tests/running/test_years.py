"""Twenty random changes of a schema in a row: no number ever changes its meaning."""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from baking import lint, run, tool
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from living import LivingProject, bake_from, git, template_in_git

pytestmark = pytest.mark.deep

CHANGES = 20
# After so many changes the project's own tests run, too.
TESTED = (5, 10, 20)
LIVING = re.compile(r"^(\w+): (\S+?)(\(| |$)")
LABELS = re.compile(r"enum\((.*?)\)")
TYPES = ["float", "int32 -5..5", "uint8", "bool", "string", "bytes", "double[2,2]", "int64[?]"]
TYPES += ["float[?,3]", "image", "image[4,4,3]", "float16 = nan", "int8[3] = 1", 'string = "x y"']


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template in Git."""
    return template_in_git(tmp_path_factory.mktemp("template") / "template")


class Years:
    """A project whose schema is changed again and again.

    Args:
        project: The project.
        random: What the changes are drawn with.
    """

    def __init__(self, project: LivingProject, random: Random) -> None:
        self.project = project
        self._random = random
        self._names = 0
        self._meanings: dict[tuple[str, int], str] = {}

    def change(self) -> str:
        """Change a schema in one way, and return what was done."""
        file = self._random.choice(["inputs", "outputs"])
        path = f"schema/{file}.txt"
        lines = self.project.read(path).splitlines()
        living = [place for place, line in enumerate(lines) if LIVING.match(line)]
        labelled = [place for place in living if LABELS.search(lines[place])]
        changes = ["add", "add", "label"] if labelled else ["add", "add"]
        changes += ["remove", "rename"] if len(living) > 1 else []
        changes += (
            ["unlabel"] if any(LABELS.findall(lines[p])[0].count(",") for p in labelled) else []
        )
        change = self._random.choice(changes)
        lines = getattr(self, f"_{change}")(file, lines, living, labelled)
        self.project.write(path, "\n".join(lines) + "\n")
        return f"{change} in {file}"

    def _new_name(self) -> str:
        self._names += 1
        return f"{self._random.choice(['age', 'x', 'a_b', 'kind'])}_{self._names}"

    def _new_field(self, file: str, lines: Sequence[str], labelled: Sequence[int]) -> str:
        name = self._new_name()
        enums = [lines[place].partition(":")[0] for place in labelled]
        choices = [*TYPES, f"enum(a{name}, b{name})", *(f"float[{enum}]" for enum in enums)]
        kind = self._random.choice(choices)
        if file == "outputs" and not kind.startswith("enum"):
            kind = kind.partition(" ")[0]  # Outputs have neither range nor default.
        return f"{name}: {kind}"

    def _add(
        self, file: str, lines: list[str], living: Sequence[int], labelled: Sequence[int]
    ) -> list[str]:
        place = self._random.randint(0, len(lines))
        return [*lines[:place], self._new_field(file, lines, labelled), *lines[place:]]

    def _remove(
        self, file: str, lines: list[str], living: Sequence[int], labelled: Sequence[int]
    ) -> list[str]:
        place = self._random.choice(living)
        name = lines[place].partition(":")[0]
        # A vector goes with its labels.
        kept = [
            line for line in lines if not line.startswith(f"{name}:") and f"[{name}]" not in line
        ]
        return kept if any(map(LIVING.match, kept)) else [*kept, self._new_field(file, kept, ())]

    def _rename(
        self, file: str, lines: list[str], living: Sequence[int], labelled: Sequence[int]
    ) -> list[str]:
        plain = [place for place in living if place not in labelled]
        if not plain:
            return self._add(file, lines, living, labelled)
        place = self._random.choice(plain)
        line = re.sub(r"^\w+", self._new_name(), re.sub(r" @\d+", "", lines[place]))
        return [*lines[:place], line, *lines[place + 1 :]]

    def _label(
        self, file: str, lines: list[str], living: Sequence[int], labelled: Sequence[int]
    ) -> list[str]:
        place = self._random.choice(labelled)
        label = f"l{self._new_name()}"
        lines[place] = lines[place].replace("enum(", f"enum({label}, ")
        return lines

    def _unlabel(
        self, file: str, lines: list[str], living: Sequence[int], labelled: Sequence[int]
    ) -> list[str]:
        many = [p for p in labelled if len(self._living_labels(lines[p])) > 1]
        if not many:
            return self._label(file, lines, living, labelled)
        place = self._random.choice(many)
        gone = self._random.choice(self._living_labels(lines[place]))
        labels = [each for each in LABELS.findall(lines[place])[0].split(", ") if each != gone]
        lines[place] = LABELS.sub(f"enum({', '.join(labels)})", lines[place])
        return lines

    def _living_labels(self, line: str) -> list[str]:
        return [each for each in LABELS.findall(line)[0].split(", ") if not each.startswith("-")]

    def check_numbers(self, folder: Path) -> None:
        """Check that every number in the proto means what it has always meant."""
        compiled = folder / "compiled"
        run(tool("buf"), "build", "--output", f"{compiled}#format=binpb", cwd=self.project.folder)
        files = FileDescriptorSet.FromString(compiled.read_bytes()).file
        [file] = (file for file in files if file.service)
        for message in file.message_type:
            for field in message.field:
                self._means(message.name, field.number, f"{field.name} {field.type}")
        for enum in file.enum_type:
            for value in enum.value:
                self._means(enum.name, value.number, value.name)

    def _means(self, place: str, number: int, meaning: str) -> None:
        assert self._meanings.setdefault((place, number), meaning) == meaning


@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[*HealthCheck],
)
@given(random=st.randoms(use_true_random=True))
def test_a_schema_that_changes_twenty_times_keeps_its_numbers(
    tmp_path_factory: pytest.TempPathFactory, template: Path, random: Random
) -> None:
    folder = tmp_path_factory.mktemp("years")
    answers = {"inputs": "a: float, tier: enum(x, y)", "outputs": "b: int32, c: enum(u, v)"}
    years = Years(LivingProject(bake_from(template, folder, **answers)), random)
    project = years.project
    for count in range(1, CHANGES + 1):
        done = years.change()
        print(f"{count}: {done}", flush=True)
        output = project.update("--accept-breaking")
        assert "buf breaking, against" not in output, output
        years.check_numbers(folder)
        lint(project.folder)
        project.commit()
        if count in TESTED:
            env = {**os.environ, "PYTHONPATH": str(project.folder / "src")}
            tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            run(*tests, cwd=project.folder, env=env)
    assert len(git(project.folder, "log", "--oneline").splitlines()) == CHANGES + 1
