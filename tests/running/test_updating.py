"""``make update``: what it changes of a project, what it keeps, and what it refuses."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from baking import run, tool
from living import LivingProject, bake_from, git, make_repository, template_in_git
from serving import Service, needs_proc

from grpc_ml_template.updating import update as updating
from grpc_ml_template.updating.baking import bake
from grpc_ml_template.updating.errors import UpdateError

INPUTS = 'age: int32 0..120 = 30 "Age in years", income: float, tier: enum(free, premium)'
OUTPUTS = "risk: enum(low, high), scores: float[risk]"
# What somebody has made of the placeholder.
MODEL = '''"""Ours."""

import numpy as np

from .schema import Inputs, Outputs


class Model:
    version = "7"
    runtime = "ours"

    def predict(self, inputs: Inputs) -> Outputs:
        n = len(inputs.age)
        return Outputs(risk=(inputs.age > 60).astype(int), scores=np.full((n, 2), 0.25))
'''


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template in Git."""
    return template_in_git(tmp_path_factory.mktemp("template") / "template")


@pytest.fixture(scope="session")
def baked(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Path:
    """A baked project, to make copies of."""
    folder = tmp_path_factory.mktemp("baked")
    names = {"model_name": "Credit", "package_name": "iris_classifier"}
    return bake_from(template, folder, **names, inputs=INPUTS, outputs=OUTPUTS)


@pytest.fixture
def project(tmp_path: Path, baked: Path) -> LivingProject:
    """A project that somebody has put a model into."""
    run("cp", "-r", str(baked), str(tmp_path / "credit"), cwd=tmp_path)
    living = LivingProject(tmp_path / "credit")
    living.write("src/PACKAGE/model.py", MODEL)
    living.edit("README.md", "## Quick start", "Ask Ada about it.\n\n## Quick start")
    living.commit()
    return living


def lint(project: LivingProject) -> None:
    """Check that an updated project passes its linters, and that clients can go on with it."""
    for command in (
        (tool("ruff"), "check", "--no-cache", "--quiet"),
        (tool("ruff"), "format", "--no-cache", "--quiet", "--diff"),
        (tool("buf"), "lint"),
        (tool("buf"), "format", "--diff", "--exit-code"),
        (sys.executable, "scripts/breaking.py"),
    ):
        run(*command, cwd=project.folder)


def run_tests(project: LivingProject, *names: str) -> None:
    """Run some of a project's own tests."""
    tests = [f"tests/{name}.py" for name in names]
    env = {**os.environ, "PYTHONPATH": str(project.folder / "src")}
    run(
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *tests,
        cwd=project.folder,
        env=env,
    )


# What is changed, and what is kept


def test_a_project_that_is_as_it_was_baked_has_nothing_to_change(project: LivingProject) -> None:
    assert "There is nothing to change." in project.update()
    assert not project.status()


def test_a_field_at_the_front_gets_a_new_number_and_all_others_keep_theirs(
    project: LivingProject,
) -> None:
    project.edit("schema/inputs.txt", "age:", "height: float 0..3 = 1.7\nage:")
    output = project.update()
    assert "height is new: clients that do not send it get 1.7" in output
    proto = project.read("proto/PACKAGE/v1/service.proto")
    for line in (
        "optional float height = 4;",
        "optional int32 age = 1;",
        "optional float income = 2;",
    ):
        assert line in proto
    assert project.read("schema/inputs.txt").startswith("height: float 0..3 = 1.7 @4\nage: int32")
    assert project.read("src/PACKAGE/model.py") == MODEL
    assert "Ask Ada about it." in project.read("README.md")
    lint(project)
    run_tests(project, "test_contract", "test_predict")


def test_a_field_that_is_gone_leaves_its_number_and_its_name(project: LivingProject) -> None:
    project.edit("schema/inputs.txt", "income: float @2\n", "")
    output = project.update()
    assert "income is gone: what clients still send for it is ignored" in output
    assert "model.py is yours, and left as it is; it now:\n  no longer gets income" in output
    assert project.read("schema/inputs.txt").endswith("-income @2\n")
    proto = project.read("proto/PACKAGE/v1/service.proto")
    assert proto.count('  reserved 2;\n  reserved "income";\n') == 2
    lint(project)
    run_tests(project, "test_contract")


def test_a_rename_is_a_removal_and_an_addition(project: LivingProject) -> None:
    project.edit("schema/inputs.txt", "income: float @2", "salary: float = 0")
    output = project.update()
    assert "if salary is income by another name: that is a removal and an addition" in output
    schema = project.read("schema/inputs.txt")
    assert "salary: float = 0 @4" in schema
    assert "-income @2" in schema
    lint(project)


def test_a_label_in_the_middle_comes_last_on_the_wire(project: LivingProject) -> None:
    project.edit("schema/inputs.txt", "enum(free @1, premium @2)", "enum(free @1, pro, premium @2)")
    project.edit("schema/outputs.txt", "enum(low @1, high @2)", "enum(low @1, middle, high @2)")
    project.edit("src/PACKAGE/model.py", "(n, 2)", "(n, 3)")
    project.commit()
    output = project.update()
    assert 'tier: "pro" is new' in output
    assert 'risk: "middle" is new: clients made before raise an error where it is the' in output
    assert "enum(free @1, pro @3, premium @2) @3" in project.read("schema/inputs.txt")
    assert "    TIER_PRO = 3;".strip() in project.read("proto/PACKAGE/v1/service.proto")
    assert "RISK_NUMBERS = (1, 3, 2)" in project.read("src/PACKAGE/schema.py")
    lint(project)
    run_tests(project, "test_contract", "test_predict")


def test_a_wider_range_breaks_nobody(project: LivingProject) -> None:
    project.edit("schema/inputs.txt", "0..120", "0..130")
    project.update()
    assert "low=0, high=130" in project.read("src/PACKAGE/schema.py")
    lint(project)


def test_an_edit_that_is_committed_is_followed_too(project: LivingProject) -> None:
    project.edit("schema/inputs.txt", "income: float @2\n", "")
    project.commit()
    project.edit("schema/inputs.txt", "age:", "height: float = 1\nage:")
    project.commit()
    project.update()
    schema = project.read("schema/inputs.txt")
    assert "height: float = 1 @4" in schema
    assert "-income @2" in schema


def test_a_line_for_what_is_gone_that_is_deleted_comes_back(project: LivingProject) -> None:
    project.edit("schema/inputs.txt", "income: float @2\n", "")
    project.update()
    project.commit()
    project.edit("schema/inputs.txt", "-income @2\n", "bonus: float = 0\n")
    project.update()
    schema = project.read("schema/inputs.txt")
    assert "bonus: float = 0 @4" in schema
    assert "-income @2" in schema


def test_the_example_model_stays_where_its_schema_changes(tmp_path: Path, template: Path) -> None:
    project = LivingProject(bake_from(template, tmp_path))
    project.edit("schema/inputs.txt", "sepal_length:", 'colour: string = "blue"\nsepal_length:')
    project.update()
    assert (project.folder / "src/iris_classifier/model.onnx").exists()
    assert "onnxruntime" in project.read("pyproject.toml")
    run_tests(project, "test_contract", "test_model")


def test_a_placeholder_follows_the_outputs(tmp_path: Path, template: Path) -> None:
    project = LivingProject(bake_from(template, tmp_path, inputs="a: float", outputs="y: float"))
    project.edit("schema/outputs.txt", "y: float @1", "y: float @1\nz: int64")
    project.update()
    assert "z=np.zeros(n, np.int64)" in project.read("src/PACKAGE/model.py")
    run_tests(project, "test_contract", "test_model")


def test_what_cannot_be_merged_is_marked_and_undone_by_one_command(project: LivingProject) -> None:
    project.edit("tests/examples.py", '"income": 0.5', '"income": 4200.0')
    project.commit()
    project.edit("schema/inputs.txt", "income: float @2", "income: float 0..9 @2")
    edited = project.read("schema/inputs.txt")
    status, output = project.try_update("--accept-breaking")
    assert status == 3, output
    assert (
        "In conflict, with both versions marked; settle them, and git add:\n  tests/examples.py"
        in output
    )
    assert "UU tests/examples.py" in project.status()
    examples = project.read("tests/examples.py")
    for part in ("<<<<<<<", "4200.0", "4.5", ">>>>>>>"):
        assert part in examples
    [undo] = [line.removeprefix("Undo it:") for line in output.splitlines() if "Undo it" in line]
    run("sh", "-c", undo.strip(), cwd=project.folder)
    assert project.read("schema/inputs.txt") == edited
    assert project.status().split() == ["M", "schema/inputs.txt"]
    assert "<<<" not in project.read("tests/examples.py")


def test_a_project_in_a_folder_of_its_repository_is_updated(tmp_path: Path, baked: Path) -> None:
    (tmp_path / "all" / "services").mkdir(parents=True)
    run("cp", "-r", str(baked), str(tmp_path / "all" / "services" / "credit"), cwd=tmp_path)
    (tmp_path / "all" / "notes.txt").write_text("Not a part of the project.")
    make_repository(tmp_path / "all")
    (tmp_path / "all" / "notes.txt").write_text("Changed, and nobody's business.")
    folder = tmp_path / "all" / "services" / "credit"
    text = (folder / "schema" / "inputs.txt").read_text()
    (folder / "schema" / "inputs.txt").write_text(text.replace("income: float @2\n", ""))
    run(sys.executable, "scripts/update.py", cwd=folder)
    assert 'reserved "income";' in (folder / "proto/iris_classifier/v1/service.proto").read_text()
    assert "notes.txt" in git(tmp_path / "all", "status", "--porcelain")
    run(sys.executable, "scripts/breaking.py", cwd=folder)


# Clients that were made before

ASK = """
import json, sys
from iris_classifier import Client

with Client(sys.argv[1]) as client:
    one = client.predict(**json.loads(sys.argv[2]))
    many = client.batch_predict({name: [value] for name, value in json.loads(sys.argv[2]).items()})
    [streamed] = client.stream_predict([json.loads(sys.argv[2])], timeout=30)
print(json.dumps([one.risk, one.scores, many.risk[0], many.scores[0], streamed.risk, streamed.scores]))
"""
# Says by its scores what it has got.
TELLING_MODEL = MODEL.replace(
    "np.full((n, 2), 0.25)", "np.stack([inputs.age / 100, inputs.tier], 1)"
)


def asked(client: Path, address: str, **instance: object) -> object:
    """Ask a server with a project's client; return what it says to one, to many and in a stream."""
    command = [sys.executable, "-c", ASK, address, json.dumps(instance)]
    env = {**os.environ, "PYTHONPATH": str(client / "src")}
    answers = json.loads(run(*command, cwd=client, env=env))
    assert answers[:2] == answers[2:4] == answers[4:]
    return answers[:2]


def test_clients_made_before_go_on(project: LivingProject, tmp_path: Path) -> None:
    project.write("src/PACKAGE/model.py", TELLING_MODEL)
    project.commit()
    old = tmp_path / "old"
    run("cp", "-r", str(project.folder), str(old), cwd=tmp_path)
    project.edit("schema/inputs.txt", "age:", "height: float 0..3 = 1.7\nage:")
    project.edit("schema/inputs.txt", "income: float @2\n", "")
    project.edit("schema/inputs.txt", "free @1, premium @2", "new, free @1, pro, premium @2")
    project.edit("schema/outputs.txt", "low @1, high @2", "low @1, middle, high @2")
    project.update()
    project.edit("src/PACKAGE/model.py", "(inputs.age > 60).astype(int)", "2 * (inputs.age > 60)")
    telling = "np.stack([inputs.age / 100, inputs.tier, inputs.height], 1)"
    project.edit("src/PACKAGE/model.py", "np.stack([inputs.age / 100, inputs.tier], 1)", telling)
    with Service(project.folder, tmp_path / "log") as server:
        # The old client's premium is the fourth of the labels, its high risk the third.
        given = {"age": 75, "income": 1.0, "tier": "premium"}
        assert asked(old, server.address, **given) == [
            "high",
            {"low": 0.75, "high": pytest.approx(1.7)},
        ]
        given = {"age": 25, "income": 1.0, "tier": "free"}
        assert asked(old, server.address, **given) == [
            "low",
            {"low": 0.25, "high": pytest.approx(1.7)},
        ]
        given = {"age": 25, "tier": "pro", "height": 2}
        expected = ["low", {"low": 0.25, "middle": 2, "high": 2}]
        assert asked(project.folder, server.address, **given) == expected


# What breaks callers


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (
            "inputs",
            "age:",
            "zip: int32 1..9\nage:",
            'a default keeps them, like "zip: int32 1..9 = 1"',
        ),
        (
            "inputs",
            "0..120",
            "18..120",
            "age may be 18 to 120, and was 0 to 120: clients that send",
        ),
        ("inputs", " = 30", "", "age has no default any more: clients that do not send it are"),
        ("inputs", ", premium @2", "", 'tier: "premium" is gone: clients that send it are refused'),
        ("inputs", "age: int32", "age: int8", "age may be 0 to 120"),
        ("outputs", "scores: float[risk] @2\n", "", "scores is gone: clients made before need it"),
    ],
)
def test_what_breaks_callers_is_done_only_if_that_is_accepted(
    project: LivingProject, file: str, old: str, new: str, words: str
) -> None:
    project.edit(f"schema/{file}.txt", old, new)
    if words.startswith("age may be 0 to 120"):
        project.update()  # All that callers may send fits a narrower type, too.
        return
    output = project.refusal()
    assert "nothing is changed, since this breaks callers (ACCEPT_BREAKING=yes goes on)" in output
    assert words in output
    assert words in project.update("--accept-breaking")


def test_labels_that_get_other_names_in_json_are_told(tmp_path: Path, template: Path) -> None:
    enums = {"inputs": "tier: enum(free, pro)", "outputs": "tier: enum(free, pro)"}
    project = LivingProject(bake_from(template, tmp_path, **enums))
    project.edit("schema/inputs.txt", "pro @2", "pro @2, basic")
    words = "tier has its labels in the enum TierLabel, and had them in Tier: clients that send or"
    assert words in project.refusal()


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("inputs", "income: float", "income: string", "income was float and is string"),
        ("inputs", "income: float", "income: float[3]", "income was float and is float[3]"),
        ("outputs", "float[risk]", "float[2]", "scores was float[risk] and is float[2]"),
        ("inputs", "age: int32", "age: int64", 'like "age_2: int64"'),
    ],
)
def test_what_clients_would_misread_is_refused(
    project: LivingProject, file: str, old: str, new: str, words: str
) -> None:
    project.edit(f"schema/{file}.txt", old, new)
    output = project.refusal("--accept-breaking")
    assert "nothing is changed, since this cannot be done" in output
    assert words in output


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("income: float @2", "income: float @7", '"income" has number 2 in the contract, not 7'),
        ("income: float @2", "salary: float @2", 'number 2 is that of "income"'),
        ("income: float @2", "income float", 'line 2 of "schema/inputs.txt"'),
        ("premium @2", "premium @1", "has number 2 in the contract, not 1"),
    ],
)
def test_a_number_never_changes_its_meaning(
    project: LivingProject, old: str, new: str, words: str
) -> None:
    project.edit("schema/inputs.txt", old, new)
    assert words in project.refusal()


def test_a_name_that_is_gone_does_not_come_back(project: LivingProject) -> None:
    project.edit("schema/inputs.txt", "income: float @2\n", "")
    project.update()
    project.commit()
    project.edit("schema/inputs.txt", "-income @2\n", "income: float = 1\n")
    output = project.refusal()
    assert '"income" is gone: callers may still know it by number 2' in output


# What is refused before anything is written


def test_changes_that_are_not_committed_are_never_touched(project: LivingProject) -> None:
    project.edit("README.md", "Ask Ada", "Ask Grace")
    (project.folder / "notes.txt").write_text("Mine.")
    output = project.refusal()
    assert (
        "there are changes that are not committed: README.md, notes.txt; commit or stash" in output
    )


def test_a_project_in_no_repository_is_refused(tmp_path: Path, baked: Path) -> None:
    run("cp", "-r", str(baked), str(tmp_path / "credit"), cwd=tmp_path)
    env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "scripts/update.py"],
        cwd=tmp_path / "credit",
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "is in no Git repository" in done.stderr
    assert "git init" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_repository_without_a_commit_is_refused(tmp_path: Path, baked: Path) -> None:
    run("cp", "-r", str(baked), str(tmp_path / "credit"), cwd=tmp_path)
    git(tmp_path / "credit", "init", "--quiet")
    done = subprocess.run(
        [sys.executable, "scripts/update.py"],
        cwd=tmp_path / "credit",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "the project is not committed" in done.stderr


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/no/such/template", "the template cannot be fetched from /no/such/template"),
        ("schema", "is not the template, or is one that cannot update projects yet"),
    ],
)
def test_a_template_that_is_not_there_is_refused(
    project: LivingProject, address: str, words: str
) -> None:
    output = project.refusal("--template", address)
    assert words in output
    assert len(output.strip().splitlines()) <= 2


def test_a_template_without_the_version_of_the_project_is_refused(
    project: LivingProject, tmp_path: Path, template: Path
) -> None:
    run(
        "git", "clone", "--quiet", "--no-tags", str(template), str(tmp_path / "other"), cwd=tmp_path
    )
    origin = json.loads(project.read("schema/template.json"))
    origin |= {"commit": "0" * 40, "version": "9.9.9"}
    project.write("schema/template.json", json.dumps(origin))
    project.commit()
    output = project.refusal("--template", str(tmp_path / "other"))
    assert f"the template has no {'0' * 40} and v9.9.9, with which the project was made" in output


def test_a_proto_that_the_schema_does_not_tell_of_is_refused(project: LivingProject) -> None:
    project.edit(
        "proto/PACKAGE/v1/service.proto",
        "  optional float income = 2;",
        "  optional float income = 2;\n  // By hand.\n  optional float by_hand = 9;",
    )
    project.commit()
    output = project.refusal()
    assert "the schema's text and the committed proto differ" in output
    assert "Instance.by_hand is in the proto only" in output


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"template": "x", "answers": {}}'])
def test_a_broken_record_of_the_template_is_told(
    project: LivingProject, template: Path, text: str
) -> None:
    project.write("schema/template.json", text)
    project.commit()
    output = project.refusal("--template", str(template))
    assert "schema/template.json" in output
    assert "Traceback" not in output


def test_an_update_that_is_interrupted_changes_nothing(project: LivingProject) -> None:
    project.edit("schema/inputs.txt", "income: float @2\n", "")
    before = project.status()
    command = [sys.executable, "scripts/update.py"]
    for seconds in (0.5, 1.0, 1.5, 2.0, 2.5):
        with subprocess.Popen(
            command,
            cwd=project.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            time.sleep(seconds)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            output, _ = process.communicate(timeout=60)
        if process.returncode == 0:
            break
        assert "Traceback" not in output
        assert project.status() == before
    if not process.returncode:
        return
    project.update()


# Kills what runs Git once the index is written.
KILLER = """#!/bin/sh
git rev-parse --quiet --verify "$(git for-each-ref --format='%(refname)' | grep running)" && kill -9 $(cut -d' ' -f4 /proc/$PPID/stat)
exit 0
"""


def killed(project: LivingProject) -> str:
    """Kill an update while it writes; return the command that undoes it."""
    hook = project.folder / ".git" / "hooks" / "post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(KILLER)
    hook.chmod(0o755)
    status, _ = project.try_update()
    assert status != 0
    hook.unlink()
    status, output = project.try_update()
    assert status == 1
    assert "the last update did not come to its end; if that was it, undo it: git -C " in output
    return output[output.index("git -C ") :].splitlines()[0]


@needs_proc
def test_an_update_that_is_killed_while_it_writes_is_undone_by_the_command_that_is_told(
    project: LivingProject,
) -> None:
    project.edit("schema/inputs.txt", "income: float @2\n", "")
    before = project.status()
    undo = killed(project)
    assert project.status() != before
    run("sh", "-c", undo, cwd=project.folder)
    assert project.status().split() == before.split()
    project.update()


@needs_proc
def test_an_update_that_was_killed_long_ago_is_no_reason_to_undo_what_came_since(
    project: LivingProject,
) -> None:
    project.edit("schema/inputs.txt", "income: float @2\n", "")
    run("sh", "-c", killed(project), cwd=project.folder)
    project.edit("README.md", "Ask Ada", "Ask Grace")
    assert "undo" not in project.refusal()
    git(project.folder, "add", "--all")
    assert "undo" not in project.refusal()
    project.commit()
    project.edit("README.md", "Ask Grace", "Ask Ada")
    assert "undo" not in project.refusal()


def test_an_update_that_is_killed_before_it_writes_has_changed_nothing(
    project: LivingProject,
) -> None:
    project.write("scripts/compile_proto.py", "import os\nos.kill(os.getppid(), 9)\n")
    project.commit()
    project.edit("schema/inputs.txt", "income: float @2\n", "")
    before = project.status()
    assert project.try_update()[0] != 0
    assert project.status() == before


def test_what_is_changed_while_an_update_runs_is_kept(project: LivingProject) -> None:
    readme = str(project.folder / "README.md")
    project.write("scripts/compile_proto.py", f"open({readme!r}, 'a').write('late')\n")
    project.commit()
    project.edit("schema/inputs.txt", "income: float @2\n", "")
    status, output = project.try_update()
    assert status == 1
    assert "changes that are not committed: README.md" in output
    assert project.read("README.md").endswith("late")
    assert "income" not in project.read("schema/inputs.txt")
    assert "income" in project.read("proto/PACKAGE/v1/service.proto")


def test_a_text_that_is_edited_while_an_update_bakes_is_kept(
    project: LivingProject, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bake_late(*given: Any) -> Path:
        project.write("schema/inputs.txt", text + "late: float = 1\n")
        return bake(*given)

    text = project.read("schema/inputs.txt").replace("income: float @2\n", "")
    project.write("schema/inputs.txt", text)
    monkeypatch.setattr(updating, "bake", bake_late)
    monkeypatch.setattr("signal.signal", lambda *_: None)  # This process is the tests' own.
    with pytest.raises(UpdateError, match="schema/ was edited meanwhile; nothing is changed"):
        updating.update(updating.Wish(project.folder, template, "", None, False))
    assert project.read("schema/inputs.txt") == text + "late: float = 1\n"
    assert project.status().split() == ["M", "schema/inputs.txt"]


# What Git does not keep


@pytest.fixture
def newer(tmp_path: Path, template: Path) -> Path:
    """A template with a file more, and a changed README."""
    folder = tmp_path / "newer"
    run("cp", "-r", str(template), str(folder), cwd=tmp_path)
    project = folder / "{{cookiecutter.project_slug}}"
    (project / "docs").mkdir()
    (project / "docs" / "new.md").write_text("What is new.\n")
    readme = project / "README.md"
    readme.write_text(readme.read_text().replace("## Under load", "## Under a load"))
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Newer")
    return folder


def test_a_file_that_git_does_not_keep_is_never_written_over(
    project: LivingProject, newer: Path, tmp_path: Path
) -> None:
    project.edit(".gitignore", "dist/", "dist/\n/docs")
    project.commit()
    (project.folder / "docs").mkdir()
    project.write("docs/new.md", "mine")
    template = f"--template={newer}"
    assert "docs/new.md is in the way" in project.refusal(template)
    assert project.read("docs/new.md") == "mine"
    shutil.rmtree(project.folder / "docs")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "new.md").write_text("outside")
    (project.folder / "docs").symlink_to(tmp_path / "outside")
    assert "docs/new.md is in the way" in project.refusal(template)
    assert (tmp_path / "outside" / "new.md").read_text() == "outside"
    (project.folder / "docs").unlink()
    assert "docs/new.md" in project.update(template)


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_that_git_is_told_not_to_look_at_is_never_written_over(
    project: LivingProject, newer: Path, flag: str
) -> None:
    git(project.folder, "update-index", flag, "README.md")
    project.edit("README.md", "Ask Ada", "Ask Grace")
    assert "Git is told not to look at README.md" in project.refusal(f"--template={newer}")
    assert "Ask Grace" in project.read("README.md")


def test_what_is_ignored_beside_the_stubs_is_left_alone(project: LivingProject) -> None:
    project.edit(".gitignore", "dist/", "dist/\n/src/*/v1/secret.cfg")
    project.commit()
    project.write("src/PACKAGE/v1/secret.cfg", "secret")
    project.edit("schema/inputs.txt", "income: float @2\n", "")
    output = project.update()
    assert "secret" not in output + project.status()
    undo(project, output)
    assert project.read("src/PACKAGE/v1/secret.cfg") == "secret"


def undo(project: LivingProject, output: str) -> None:
    """Run the command that an update says undoes it."""
    [command] = [line.removeprefix("Undo it:") for line in output.splitlines() if "Undo it" in line]
    run("sh", "-c", command.strip(), cwd=project.folder)


def test_a_file_that_people_have_deleted_stays_deleted(project: LivingProject, newer: Path) -> None:
    (project.folder / "README.md").unlink()
    project.commit()
    project.edit("schema/inputs.txt", "0..120", "0..130")
    before = project.read("proto/PACKAGE/v1/service.proto")
    output = project.update(f"--template={newer}")
    assert (
        "Left as you have them, though the template has changed or deleted them:\n  README.md"
        in output
    )
    assert not (project.folder / "README.md").exists()
    undo(project, output)
    assert project.status().split() == ["M", "schema/inputs.txt"]
    assert project.read("proto/PACKAGE/v1/service.proto") == before
    assert not (project.folder / "docs").exists()


def test_a_git_that_runs_is_told(project: LivingProject) -> None:
    project.edit("schema/inputs.txt", "income: float @2\n", "")
    lock = project.folder / ".git" / "index.lock"
    lock.touch()
    assert "index.lock is there: Git runs, or was killed; remove it" in project.refusal()
    lock.unlink()
    project.update()


# Where Git is set up otherwise


def test_line_ends_of_windows_are_no_change(project: LivingProject) -> None:
    git(project.folder, "config", "core.autocrlf", "true")
    path = project.folder / "schema" / "inputs.txt"
    text = project.read("schema/inputs.txt").replace("0..120", "0..130")
    path.write_bytes(text.replace("\n", "\r\n").encode())
    output = project.update()
    assert "conflict" not in output
    project.commit()
    assert "0..130" in git(project.folder, "show", "HEAD:schema/inputs.txt")
    assert "\r" not in git(project.folder, "show", "HEAD:schema/inputs.txt")


def test_a_shallow_clone_is_updated(project: LivingProject, tmp_path: Path) -> None:
    project.commit()
    url = f"file://{project.folder}"
    git(tmp_path, "clone", "--quiet", "--depth=1", url, "shallow")
    shallow = LivingProject.__new__(LivingProject)
    shallow.folder, shallow.package = tmp_path / "shallow", project.package
    shallow.edit("schema/inputs.txt", "income: float @2\n", "")
    shallow.update()


def test_a_repository_of_other_hashes_is_updated(tmp_path: Path, baked: Path) -> None:
    folder = tmp_path / "credit"
    run("cp", "-r", str(baked), str(folder), cwd=tmp_path)
    git(folder, "init", "--quiet", "--object-format=sha256")
    project = LivingProject(folder)
    project.edit("tests/examples.py", '"income": 0.5', '"income": 4200.0')
    project.commit()
    project.edit("schema/inputs.txt", "income: float @2", "income: float 0..9 @2")
    status, output = project.try_update("--accept-breaking")
    assert status == 3, output
    undo(project, output)
    assert project.status().split() == ["M", "schema/inputs.txt"]


def test_each_project_and_each_worktree_is_undone_by_itself(tmp_path: Path, baked: Path) -> None:
    top = tmp_path / "all"
    for name in ("a b", "c"):
        run("cp", "-r", str(baked), str(top / name), cwd=make_folder(top))
    (top / "notes.txt").write_text("As it was.")
    make_repository(top)
    git(top, "worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"))
    outputs = {}
    folders = [top / "a b", top / "c", tmp_path / "tree" / "c"]
    for folder in folders:
        text = folder / "schema" / "inputs.txt"
        text.write_text(text.read_text().replace("income: float @2\n", ""))
        outputs[folder] = run(sys.executable, "scripts/update.py", cwd=folder)
    (top / "notes.txt").write_text("Changed, and nobody's business.")
    for folder in folders:
        [line] = [each for each in outputs[folder].splitlines() if each.startswith("Undo it:")]
        run("sh", "-c", line.removeprefix("Undo it:").strip(), cwd=top)
        assert "income" not in (folder / "schema" / "inputs.txt").read_text()
        changed = git(folder, "status", "--porcelain", "-z", ".").rstrip("\0").split("\0")
        assert [entry.strip()[0] for entry in changed] == ["M"], changed
    assert (top / "notes.txt").read_text() == "Changed, and nobody's business."


def make_folder(folder: Path) -> Path:
    """Make a folder, unless it is there."""
    folder.mkdir(exist_ok=True)
    return folder


def test_files_that_a_filter_keeps_elsewhere_are_left_alone(project: LivingProject) -> None:
    project.write(".gitattributes", "*.bin filter=elsewhere\n")
    project.write("weights.bin", "large")
    for name, value in (("clean", "cat"), ("smudge", "false"), ("required", "true")):
        git(project.folder, "config", f"filter.elsewhere.{name}", value)
    project.commit()
    project.edit("schema/inputs.txt", "income: float @2\n", "")
    project.update()
    assert project.read("weights.bin") == "large"


def test_what_people_have_renamed_stays_renamed(project: LivingProject, newer: Path) -> None:
    git(project.folder, "mv", "README.md", "ABOUT.md")
    project.commit()
    git(project.folder, "mv", "tests", "checks")
    project.commit()
    template = newer / "{{cookiecutter.project_slug}}" / "tests"
    (template / "new_helper.py").write_text('"""New."""\n')
    git(newer, "add", "--all")
    git(newer, "commit", "--quiet", "--message=Newer still")
    output = project.update(f"--template={newer}")
    for text in ("Ask Ada", "## Under a load"):
        assert text in project.read("ABOUT.md")
    assert "tests/new_helper.py" in output
    assert not (project.folder / "README.md").exists()


# What the model and the text have to know


def test_an_update_and_a_later_edit_in_one_commit_are_told_apart(project: LivingProject) -> None:
    project.edit("schema/inputs.txt", "age:", "height: float 0..3 = 1.7\nage:")
    project.update()
    project.edit("schema/inputs.txt", "0..120", "0..50")
    project.commit()
    assert "age may be 0 to 50, and was 0 to 120" in project.refusal()
    project.update("--accept-breaking")
    assert "high=50" in project.read("src/PACKAGE/schema.py")


def test_a_text_that_could_not_be_read_once_is_no_hindrance(project: LivingProject) -> None:
    text = project.read("schema/inputs.txt")
    (project.folder / "schema" / "inputs.txt").write_bytes(text.encode() + b"# \xe9\n")
    project.commit()
    project.write("schema/inputs.txt", text.replace("income: float @2\n", ""))
    project.commit()
    project.update()


def test_the_mode_of_the_text_is_kept(project: LivingProject) -> None:
    (project.folder / "schema" / "inputs.txt").chmod(0o755)
    project.commit()
    assert "There is nothing to change." in project.update()
    project.edit("schema/inputs.txt", "income: float @2\n", "")
    undo(project, project.update())
    assert os.access(project.folder / "schema" / "inputs.txt", os.X_OK)


def test_labels_in_another_order_are_told_to_whoever_wrote_the_model(
    project: LivingProject,
) -> None:
    project.edit("schema/outputs.txt", "low @1, high @2", "high @2, low @1")
    output = project.update()
    assert "returns risk with its labels in the order high, low, whose places are other" in output
    assert "M  schema/outputs.txt" in project.status()


@pytest.mark.parametrize(
    ("old", "new"),
    [("0..120", "18..99"), (" = 30", ""), (" = 30", " = 31"), ("int32", "int16")],
)
def test_an_edit_that_is_committed_and_changes_no_number_is_followed_too(
    project: LivingProject, old: str, new: str
) -> None:
    before = project.read("src/PACKAGE/schema.py")
    project.edit("schema/inputs.txt", old, new)
    project.commit()
    project.update("--accept-breaking")
    assert project.read("src/PACKAGE/schema.py") != before
    project.commit()
    assert "There is nothing to change." in project.update()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            b'age: int32 @1\nname: string "\xe9"\n',
            "inputs.txt: line 2: expected UTF-8, got b'\\xe9'",
        ),
        (None, "schema/inputs.txt is missing; git checkout -- schema/inputs.txt"),
    ],
)
def test_a_text_that_cannot_be_read_is_told(
    project: LivingProject, content: bytes | None, words: str
) -> None:
    path = project.folder / "schema" / "inputs.txt"
    path.unlink()
    if content:
        path.write_bytes(content)
    assert words in project.refusal()


def test_marks_of_templates_are_text_like_any_other(project: LivingProject) -> None:
    marks = "{{ cookiecutter.model_name }} {% raw %} {# none #}"
    project.edit("schema/inputs.txt", "Age in years", f"Age, {marks}")
    project.update()
    assert f"Age, {marks}. 0 to 120" in project.read("proto/PACKAGE/v1/service.proto")
    project.commit()
    project.edit("schema/inputs.txt", marks, "in years")
    project.update()
    assert "Age, in years. 0 to 120" in project.read("proto/PACKAGE/v1/service.proto")


def test_an_enum_is_never_that_of_another_field(tmp_path: Path, template: Path) -> None:
    answers = {"inputs": "x: float, tier: enum(free, pro)", "outputs": "y: float"}
    project = LivingProject(bake_from(template, tmp_path, **answers))
    project.write("schema/inputs.txt", "x: float @1\n")
    project.write("schema/outputs.txt", "y: float @1\ntier: enum(gold, silver)\n")
    assert "number 1 of Tier was TIER_FREE and would be TIER_GOLD" in project.refusal()
