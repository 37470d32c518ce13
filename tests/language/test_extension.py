"""What the extension does to the strings that cookiecutter renders."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cookiecutter.main import cookiecutter
from cookiecutter.utils import create_env_with_context
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, UndefinedError
from jinja2.exceptions import SecurityError

from grpc_ml_template.extension import GrpcMlExtension
from grpc_ml_template.language.errors import AnswerError

ANSWERS = {
    "model_name": "Iris Classifier",
    "description": "Tells iris species apart",
    "inputs": "age: int32 0..120",
    "outputs": "score: float",
    "project_slug": "iris-classifier",
    "package_name": "iris_classifier",
    "author": "",
    "install": "no",
}


@pytest.fixture(scope="module")
def environment(template: Path) -> Environment:
    context = json.loads((template / "cookiecutter.json").read_text())
    return create_env_with_context({"cookiecutter": context})


def rendered(environment: Environment, source: str, **answers: object) -> str:
    return environment.from_string(source).render(cookiecutter={**ANSWERS, **answers})


@pytest.mark.parametrize(
    "text",
    [
        "{{ 7*7 }}",
        "{% x",
        "{# gone #}",
        "{{",
        "}} %}",
        "{{ 'a' }} \\ \" ' é 日本 \U0001f600\n\n",
        "{% raw %}{{ 7 }}{% endraw %}",
        "{{ 7*7 }} by cookiecutter. {{ 8 }}",
        "{{ cookiecutter.model_name",
        "{% if cookiecutter.model_name %}",
        "{{ self }} {{ range(9) }}",
        "\\x41 \\N{BULLET} {{ \\u0041 }}",
    ],
)
def test_an_answer_comes_out_as_typed(environment: Environment, text: str) -> None:
    assert rendered(environment, text) == text


@given(st.text(st.sampled_from("{}%#-+ '\"\\\nax7*é日")))
def test_any_answer_comes_out_as_typed(text: str) -> None:
    environment = Environment(extensions=[GrpcMlExtension], keep_trailing_newline=True)
    assert rendered(environment, text) == text


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{ cookiecutter.model_name }} over gRPC", "Iris Classifier over gRPC"),
        ("{{cookiecutter.model_name}}", "Iris Classifier"),
        ("{{ cookiecutter['model_name'] | lower }}", "iris classifier"),
        ("{% if cookiecutter.install %}x{% endif %}", "x"),
        ("src/{{cookiecutter.package_name}}/v1", "src/iris_classifier/v1"),
        ("{{ kebab(cookiecutter.model_name) }}", "iris-classifier"),
        ("{{ snake(cookiecutter.model_name) }}", "iris_classifier"),
    ],
)
def test_an_answer_may_use_other_answers(environment: Environment, text: str, result: str) -> None:
    assert rendered(environment, text) == result


@pytest.mark.parametrize(
    "text",
    [
        "{{ lipsum.__globals__['os'].getcwd() }}{{ cookiecutter }}",
        "{{ cookiecutter.__class__.__mro__ }}",
        "{{ cookiecutter['__class__'] }}",
        "{{ (cookiecutter | attr('__class__')).__mro__ }}",
        "{{ '{0.__class__.__mro__}'.format(cookiecutter) }}",
        "{{ service.__globals__ }}{{ cookiecutter.model_name }}",
    ],
)
def test_an_answer_reaches_nothing_but_other_answers(environment: Environment, text: str) -> None:
    with pytest.raises((UndefinedError, SecurityError)):
        rendered(environment, text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ cookiecutter.update({'install': True}) }}",
        "{{ cookiecutter.pop('install') }}",
        "{% set _ = cookiecutter.clear() %}{{ cookiecutter }}",
    ],
)
def test_an_answer_changes_no_other_answer(environment: Environment, text: str) -> None:
    answers = dict(ANSWERS)
    with pytest.raises((UndefinedError, SecurityError)):
        environment.from_string(text).render(cookiecutter=answers)
    assert answers == ANSWERS


def test_hooks_learn_where_the_template_is(environment: Environment, template: Path) -> None:
    source = "{{ template_root | default('') | tojson }}"
    assert json.loads(rendered(environment, source)) == str(template)


def test_no_string_of_the_template_is_taken_for_an_answer(template: Path) -> None:
    extension = GrpcMlExtension(Environment())
    context = json.loads((template / "cookiecutter.json").read_text())
    strings = [value for value in context.values() if isinstance(value, str)]
    hooks = [path.read_text() for path in (template / "hooks").glob("*.py")]
    project = template / "{{cookiecutter.project_slug}}"
    paths = [str(path.relative_to(project)) for path in project.rglob("*")]
    for source in [*strings, *hooks, *paths]:
        assert extension.preprocess(source, None) == source


def test_files_of_the_project_are_never_touched() -> None:
    extension = GrpcMlExtension(Environment())
    assert extension.preprocess("{{ 7*7 }}", "README.md") == "{{ 7*7 }}"


def test_all_answers_are_checked_before_the_project_folder(environment: Environment) -> None:
    folder = "{{cookiecutter.project_slug}}"
    assert rendered(environment, folder) == "iris-classifier"
    with pytest.raises(AnswerError, match="inputs: a: "):
        rendered(environment, folder, inputs="a: flaot")


def test_an_answer_may_be_the_slug_before_all_are_given(environment: Environment) -> None:
    source = environment.from_string("{{cookiecutter.project_slug}}")
    assert source.render(cookiecutter={"project_slug": "iris"}) == "iris"


def test_the_check_skips_answers_that_are_elsewhere(environment: Environment) -> None:
    source = environment.from_string("{{ check(cookiecutter, 'inputs') }}")
    assert source.render(cookiecutter={}) == ""
    with pytest.raises(AnswerError):
        source.render(cookiecutter={"inputs": ""})


def test_what_the_check_changes_reaches_the_project(
    template: Path, config_file: Path, tmp_path: Path
) -> None:
    schema = tmp_path / "schema.txt"
    schema.write_text("age: int32 0..120\n")
    cookiecutter(
        str(template),
        no_input=True,
        extra_context={"inputs": f"@{schema}", "description": "{{ 7*7 }}", "install": False},
        output_dir=str(tmp_path / "target"),
        config_file=str(config_file),
        accept_hooks=False,
    )
    replay = next((config_file.parent / "replay").iterdir())
    answers = json.loads(replay.read_text())["cookiecutter"]
    assert answers["inputs"] == "age: int32 0..120\n"
    assert answers["description"] == "{{ 7*7 }}"


# Runs cookiecutter as an older Python would: by what that says of itself.
OLD = """
import sys
from cookiecutter.cli import main
sys.version_info = (3, 10, 12)
main()
"""


def test_an_older_python_is_refused_in_one_line(
    template: Path, config_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    options = ["--no-input", "--config-file", str(config_file), "-o", str(target)]
    done = subprocess.run(
        [sys.executable, "-c", OLD, str(template), *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 1
    [line] = (done.stdout + done.stderr).splitlines()
    assert "needs Python 3.11 or newer, and cookiecutter runs on 3.10; run it on a newer" in line
    assert not target.exists()
