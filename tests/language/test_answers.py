"""Wrong answers: refused in one line by cookiecutter itself, and nothing is left on disk."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cookiecutter.cli import main

from grpc_ml_template.language import spelling
from grpc_ml_template.language.errors import AnswerError
from grpc_ml_template.project import names
from grpc_ml_template.project.answers import CHECKS, check, check_all

Refusal = Callable[..., str]

RIGHT: dict[str, Any] = {
    "source": "",
    "trust_source": False,
    "model_name": "Iris Classifier",
    "description": "Tells iris species apart",
    "inputs": "age: int32 0..120",
    "outputs": "score: float",
    "project_slug": "iris-classifier",
    "package_name": "iris_classifier",
    "author": "Ada Lovelace",
    "install": False,
}


@pytest.fixture
def refusal(template: Path, config_file: Path, tmp_path: Path) -> Refusal:
    """Run cookiecutter with a wrong answer and return the one line it prints."""
    target = tmp_path / "deep" / "down"
    target.mkdir(parents=True)

    def run(*arguments: str) -> str:
        before = sorted(tmp_path.rglob("*"))
        options = ["-o", str(target), "--config-file", str(config_file)]
        result = CliRunner().invoke(main, [str(template), *options, *arguments])
        home = config_file.parent
        after = [
            path for path in tmp_path.rglob("*") if home / "replay" not in [path, *path.parents]
        ]
        assert result.exit_code == 1, result.output
        assert sorted(after) == before
        assert len(result.output.splitlines()) == 1, result.output
        return result.output

    return run


WRONG = [
    ("model_name=", 'model_name: "" does not start with a letter'),
    ("model_name= ", "model_name: "),
    ("model_name=!!!", "model_name: "),
    ("model_name=3D Mesh", 'model_name: "3D Mesh" does not start with a letter'),
    ("model_name=a\nb", "model_name: it is more than one line"),
    ("model_name=" + "a" * 81, "model_name: 81 characters are more than 80"),
    (
        "model_name=" + "a" * 41,
        f'model_name: its gRPC service would be "A{"a" * 40}", longer than 40',
    ),
    ("model_name=" + "机" * 21, 'model_name: its gRPC service would be "JiJi'),
    ("model_name=a\x00b", "model_name: the control character U+0000"),
    ("description=\x1b[31mred", "description: the control character U+001B"),
    ("description=a\u2028b", "description: the control character U+2028"),
    ("inputs=", "inputs: the schema is empty"),
    ("inputs=a: flaot", 'inputs: a: "flaot" is not a type'),
    ("inputs=a: float, a: float", "inputs: a: the same name is used twice"),
    ("inputs=class: float", 'inputs: "class" is a Python keyword'),
    ("inputs=age: int32 0..120 = 200", "inputs: age: 200 is above the range 0..120"),
    ("inputs=a: float[0]", 'inputs: a: "0" is not a size'),
    ("inputs=a: float 5..1", "inputs: a: the range 5..1 starts above its end"),
    ('inputs=a: float "x', "inputs: a: the quote before"),
    ("inputs=a: float # \x00", "inputs: the control character U+0000"),
    ("inputs={{ 7*7 }}", 'inputs: "{{ 7*7 }}" has no colon'),
    ("inputs=a: {% x %}", 'inputs: a: "{%" is not a type'),
    ("inputs=@no-such-file", 'inputs: the file "no-such-file" cannot be read'),
    ("inputs=@", 'inputs: the file "" cannot be read'),
    ("inputs=@\x00", "inputs: the file"),
    ("outputs=", "outputs: the schema is empty"),
    ("outputs=a: float 0..1", "outputs: a: outputs take no range"),
    ("outputs=a: float = 1", "outputs: a: outputs take no default"),
    ("outputs=a: enum(x, x)", 'outputs: a: the label "x" is there twice'),
    ("project_slug=", 'project_slug: ""'),
    ("project_slug=.", 'project_slug: "."'),
    ("project_slug=../../x", 'project_slug: "../../x"'),
    ("project_slug=a/b", 'project_slug: "a/b"'),
    ("project_slug=/etc", 'project_slug: "/etc"'),
    ("project_slug=Iris", 'project_slug: "Iris"'),
    ("project_slug=iris_x", 'project_slug: "iris_x"'),
    ("project_slug=-iris", 'project_slug: "-iris"'),
    ("project_slug=iris\n", 'project_slug: "iris\\n"'),
    ("project_slug=1iris", 'project_slug: "1iris"'),
    ("project_slug=été", 'project_slug: "été"'),
    ("project_slug=con", 'project_slug: "con" is the name of something else'),
    ("project_slug=python", 'project_slug: "python" is the name of something else'),
    ("project_slug=numpy", 'project_slug: "numpy" is the name of something else'),
    ("project_slug=" + "a" * 41, "project_slug: 41 characters are more than 40"),
    ("package_name=", 'package_name: ""'),
    ("package_name=iris-x", 'package_name: "iris-x"'),
    ("package_name=iris.x", 'package_name: "iris.x"'),
    ("package_name=_iris", 'package_name: "_iris"'),
    ("package_name=class", 'package_name: "class" is the name of something else'),
    ("package_name=json", 'package_name: "json" is the name of something else'),
    ("package_name=grpc", 'package_name: "grpc" is the name of something else'),
    ("package_name=tests", 'package_name: "tests" is the name of something else'),
    ("package_name=" + "a" * 41, "package_name: 41 characters are more than 40"),
    ("author=a\x7f", "author: the control character U+007F"),
]


@pytest.mark.parametrize(("answer", "start"), WRONG)
def test_a_wrong_answer_is_refused_in_one_line(refusal: Refusal, answer: str, start: str) -> None:
    line = refusal("--no-input", answer)
    assert line.startswith(start)
    assert "like " in line


def replay_file(template: Path, folder: Path, **changes: object) -> str:
    """A replay file: all that cookiecutter.json holds, right answers, and the changes."""
    context = json.loads((template / "cookiecutter.json").read_text())
    del context["__prompts__"]
    checked = {name: "" for name in context if name.endswith("_checked")}
    path = folder / "home" / "answers.json"
    path.write_text(json.dumps({"cookiecutter": {**context, **checked, **RIGHT, **changes}}))
    return str(path)


@pytest.mark.parametrize(
    ("name", "value", "start"),
    [
        ("model_name", 5, 'model_name: "5" is not text'),
        ("model_name", None, 'model_name: "None" is not text'),
        ("description", ["a"], "description: \"['a']\" is not text"),
        ("inputs", 3, 'inputs: "3" is not text'),
        ("inputs", {"a": "float"}, "inputs: "),
        ("inputs", "a: flaot", 'inputs: a: "flaot" is not a type'),
        ("inputs", "@no-such-file", 'inputs: the file "no-such-file" cannot be read'),
        ("outputs", [], 'outputs: "[]" is not text'),
        ("project_slug", "../../x", 'project_slug: "../../x"'),
        ("project_slug", "", 'project_slug: ""'),
        ("project_slug", "a/b", 'project_slug: "a/b"'),
        ("project_slug", "{{ 7*7 }}", 'project_slug: "{{ 7*7 }}"'),
        ("project_slug", 7, 'project_slug: "7" is not text'),
        ("project_slug", ["a", "b"], "project_slug: "),
        ("package_name", "os", 'package_name: "os" is the name of something else'),
        ("package_name", True, 'package_name: "True" is not text'),
        ("author", 1.5, 'author: "1.5" is not text'),
        ("author", "\ud800", "author: the control character U+D800"),
        ("install", "maybe", 'install: "maybe" is neither yes nor no'),
        ("install", None, 'install: "None" is neither yes nor no'),
        ("install", 1, 'install: "1" is neither yes nor no'),
    ],
)
def test_a_hostile_replay_file_is_refused_in_one_line(
    refusal: Refusal, template: Path, tmp_path: Path, name: str, value: object, start: str
) -> None:
    line = refusal("--replay-file", replay_file(template, tmp_path, **{name: value}))
    assert line.startswith(start)


def test_a_replay_file_with_public_answers_only_is_checked(
    refusal: Refusal, tmp_path: Path
) -> None:
    path = tmp_path / "home" / "public.json"
    path.write_text(json.dumps({"cookiecutter": {**RIGHT, "project_slug": "../../x"}}))
    assert refusal("--replay-file", str(path)).startswith('project_slug: "../../x"')


def test_a_replay_file_from_before_a_check_was_added_is_checked(
    refusal: Refusal, template: Path, tmp_path: Path
) -> None:
    path = Path(replay_file(template, tmp_path, project_slug="a/b"))
    context = json.loads(path.read_text())
    del context["cookiecutter"]["__inputs_checked"]
    path.write_text(json.dumps(context))
    assert refusal("--replay-file", str(path)).startswith('project_slug: "a/b"')


def cookiecutter(
    template: Path, config_file: Path, *arguments: str | bytes, typed: str = ""
) -> Any:
    command = [
        sys.executable,
        "-m",
        "cookiecutter",
        str(template),
        "--config-file",
        str(config_file),
    ]
    return subprocess.run(
        [*command, *arguments], input=typed, capture_output=True, text=True, check=False
    )


def test_a_replay_file_without_our_extension_stops_before_any_file(
    template: Path, config_file: Path, tmp_path: Path
) -> None:
    path = replay_file(template, tmp_path, _extensions=[])
    target = tmp_path / "target"
    done = cookiecutter(template, config_file, "-o", str(target), "--replay-file", path)
    assert done.returncode == 1
    assert "_extensions: the answers could not be checked" in done.stderr
    assert list(target.iterdir()) == []


@pytest.mark.parametrize("answer", ["inputs=a: float 5..1", "project_slug=../../x", b"author=\xff"])
def test_the_command_line_prints_one_line_and_no_traceback(
    template: Path, config_file: Path, tmp_path: Path, answer: str | bytes
) -> None:
    target = tmp_path / "target"
    done = cookiecutter(template, config_file, "-o", str(target), "--no-input", answer)
    assert done.returncode == 1
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
    assert not target.exists()


def test_typing_stops_right_after_the_wrong_answer(
    template: Path, config_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    typed = "\n\nIris Classifier\n\na: flaot\n\n\n\n\n\n"
    done = cookiecutter(template, config_file, "-o", str(target), typed=typed)
    assert done.returncode == 1
    assert "[5/10]" in done.stdout
    assert "[6/10]" not in done.stdout
    assert 'inputs: a: "flaot" is not a type' in done.stdout.splitlines()[-1]
    assert not target.exists()


@pytest.mark.parametrize(
    ("pasted", "question"),
    [
        (["age: int32", "income: double 0..", "plan: enum(a, b)"], "outputs: income: outputs take"),
        (["age: int32", "income: double", "plan: enum(a, b)"], 'project_slug: "plan: enum(a, b)"'),
        (["age: int32", "", "a: image"], 'project_slug: "a: image" is a field of a schema'),
    ],
)
def test_a_paste_of_several_lines_is_refused_with_a_way_to_give_it(
    template: Path, config_file: Path, tmp_path: Path, pasted: list[str], question: str
) -> None:
    target = tmp_path / "target"
    typed = "\n".join(["", "", "Iris Classifier", "", *pasted, *[""] * 9])
    done = cookiecutter(template, config_file, "-o", str(target), typed=typed)
    assert done.returncode == 1
    last = done.stdout.splitlines()[-1]
    assert question in last
    assert "paste" in last
    assert "put the schema into a file and answer" in last
    assert not target.exists()


@pytest.mark.parametrize("name", ["project_slug", "package_name", "author", "install"])
def test_no_answer_after_the_schemas_may_be_a_field(name: str) -> None:
    with pytest.raises(AnswerError, match=r'like "@schema\.txt"'):
        check({**RIGHT, name: " sepal_length : float[3] 0..30"}, name)


def test_prompts_of_schemas_say_that_they_take_one_line_or_a_file(template: Path) -> None:
    prompts = json.loads((template / "cookiecutter.json").read_text())["__prompts__"]
    for name in ("inputs", "outputs"):
        assert "One line" in prompts[name]
        assert "@FILE" in prompts[name]


def test_right_answers_pass_and_come_out_the_same() -> None:
    answers = dict(RIGHT)
    check_all(answers)
    assert answers == RIGHT


def test_every_question_is_checked_right_after_it(template: Path) -> None:
    context = json.loads((template / "cookiecutter.json").read_text())
    keys = list(context)
    questions = [key for key in keys if not key.startswith("_")]
    assert questions == list(CHECKS)
    for question in questions:
        following = keys[keys.index(question) + 1]
        assert following == f"__{question}_checked"
        assert f"check(cookiecutter, '{question}')" in context[following]
        assert question in context["__prompts__"]


def test_every_prompt_fits_a_line(template: Path) -> None:
    context = json.loads((template / "cookiecutter.json").read_text())
    assert all(len(prompt) <= 90 for prompt in context["__prompts__"].values())


@pytest.mark.parametrize(
    ("written", "meant"),
    [(True, True), (False, False), ("yes", True), ("N", False), (" true ", True), ("0", False)],
)
def test_install_becomes_a_bool(written: object, meant: bool) -> None:
    answers = {**RIGHT, "install": written}
    check(answers, "install")
    assert answers["install"] is meant


def test_free_text_may_hold_anything_printable() -> None:
    text = "\"quotes\" 'and' \\ {braces} {{ 7*7 }} */ é 日本\n\tmore"
    for name in ("description", "author"):
        answers = {**RIGHT, name: text}
        check(answers, name)
        assert answers[name] == text


def test_a_file_takes_the_place_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "schema.txt").write_bytes('\ufeffage: int32 # "é"\r\n'.encode())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in ("@schema.txt", " @ schema.txt ", f"@{tmp_path}/schema.txt", "@~/schema.txt"):
        answers = {**RIGHT, "inputs": path}
        check(answers, "inputs")
        assert answers["inputs"] == 'age: int32 # "é"\n'


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"#" * (2**20 + 1), "is larger than 1 MiB"),
        (b"", "the schema is empty"),
        (b"@other.txt", "has no colon"),
        (b"a: flaot", r'line 1 of ".*": a: "\.\.\." is not a type'),
        (b"# what\na: float\n\nb: enum(x,\n  x)", r'line 4 of ".*": b: '),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "schema.txt"
    path.write_bytes(content)
    with pytest.raises(AnswerError, match=fault):
        check({**RIGHT, "inputs": f"@{path}"}, "inputs")


SECRETS = [
    "root:$6$hunter2$hunter2:19000:0:99999:7:::\n",
    "token: hunter2",
    "hunter2",
    "HUNTER2-key: x",
    '"hunter2": x',
    "a: hunter2[3]",
    "a: float[hunter2]",
    "a: image[hunter2]",
    "a: float hunter2",
    "a: float hunter2..1",
    "a: float = hunter2",
    "a: bool = hunter2",
    "a: bytes = hunter2",
    'a: float = "hunter2"',
    'a: string "\\hunter2"',
    'a: string "hunter2',
    "a: string 'hunter2'",
    "a: enum(hunter2, hunter2)",
    "a: enum(hunter2 x)",
    "a: enum(x) = hunter2",
    "a: enum(hunter2, y) = z",
]


@pytest.mark.parametrize("content", SECRETS)
def test_a_message_shows_nothing_of_a_file_but_names_of_fields(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "secret.txt"
    path.write_text(content)
    with pytest.raises(AnswerError) as refused:
        check({**RIGHT, "inputs": f"@{path}"}, "inputs")
    assert 'line 1 of "' in str(refused.value)
    assert "hunter2" not in str(refused.value).lower()
    # The same text as an answer is the user's own, and is shown.
    with pytest.raises(AnswerError) as refused:
        check({**RIGHT, "inputs": content}, "inputs")
    assert "line 1" not in str(refused.value)


# Waits for ever where it fails, so it gets a process of its own.
CHECK = """
import sys
sys.path.append({template!r})
from grpc_ml_template.project.answers import check
check({{"inputs": sys.argv[1]}}, "inputs")
"""


@pytest.mark.skipif(os.name == "nt", reason="needs pipes with names")
@pytest.mark.parametrize("name", ["pipe", "/dev/zero"])
def test_a_pipe_or_a_device_is_refused_at_once(template: Path, tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = subprocess.run(
        [sys.executable, "-c", CHECK.format(template=str(template)), f"@{name}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert f'inputs: "{name}" is a pipe or a device' in done.stderr


def test_a_folder_is_no_schema_file(tmp_path: Path) -> None:
    with pytest.raises(AnswerError, match="cannot be read"):
        check({**RIGHT, "inputs": f"@{tmp_path}"}, "inputs")


@pytest.mark.parametrize(
    ("model_name", "slug", "package"),
    [
        ("Iris Classifier", "iris-classifier", "iris_classifier"),
        ("Été & Co. v2", "ete-co-v2", "ete_co_v2"),
        ("IrisClassifier", "iris-classifier", "iris_classifier"),
        ("日本", "ri-ben", "ri_ben"),
        ("Random", "random", "random_model"),
        ("NumPy", "num-py", "num_py"),
        ("numpy", "numpy-model", "numpy_model"),
        ("Con", "con-model", "con_model"),
        ("Click", "click-model", "click_model"),
        ("Model", "model", "model"),
        ("Int", "int", "int"),
        ("Test", "test", "test_model"),
        ("none", "none", "none"),
        ("Inputs", "inputs", "inputs"),
        ("I", "i", "i"),
        ("Value", "value", "value"),
        ("x" * 40, "x" * 40, "x" * 40),
        ("机" * 20, None, None),
    ],
)
def test_the_names_offered_for_a_model_are_accepted(
    model_name: str, slug: str | None, package: str | None
) -> None:
    answers = {
        **RIGHT,
        "model_name": model_name,
        "project_slug": names.project_slug(model_name),
        "package_name": names.package_name(model_name),
    }
    check_all(answers)
    assert answers["project_slug"] == slug or slug is None
    assert answers["package_name"] == package or package is None


def test_names_from_free_text() -> None:
    assert spelling.pascal("Été & Co. v2") == "EteCoV2"
    assert spelling.upper("iris classifier") == "IRIS_CLASSIFIER"
    assert spelling.json_name("sepal_length_2") == "sepalLength2"
