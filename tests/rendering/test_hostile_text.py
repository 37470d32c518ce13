"""Whatever text a user types comes out as that text in every file, and never as code."""

import ast
import json
import os
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from baking import bake, compile_stubs, lint, rendered_files, run, tool
from markdown_it import MarkdownIt

TEXTS = [
    '"double"',
    "'single'",
    "\"both' kinds",
    '"""three"""',
    "'''three'''",
    'ends with "',
    "ends with '",
    "ends with \\",
    "\\ \\\\ \\n \\x41 \\u0041 \\N{BULLET} \\",
    "{braces} {0} {{x}} }}{{",
    "{{ 7*7 }} {% raw %} {# no comment #}",
    "*/ /* // -- # <!-- -->",
    "%s %(name)s %% ${{ github.token }} $HOME $(date) `date`",
    "<script>alert(1)</script> &amp; &lt;",
    "[link](http://x) ![image](x) **bold** __bold__ _it_ ~~no~~",
    "[bold]rich[/bold] [/] :smile: [red",
    "a | b | c",
    "- no list",
    "1. no list",
    "+ 1) = no list",
    "---",
    "=== title",
    "# title",
    "> quote",
    "日本語の説明、全角",
    "🙂👩‍👩‍👧‍👧🇪🇺",
    "e\u0301 n\u0303 \u00a0\u200b\u200d \ufeff \u00ad \u3000 x",
    "عربي עברית",
    "two\nlines",
    "tab\tand\n\n\n  more   blanks ",
    "import os; os.system('true') #",
    ", ; : = .. ? [3] (a) @b",
    "null",
    "~",
]
LINES = [" ".join(text.split()) for text in TEXTS]


def quoted(text: str) -> str:
    """Return the text as a quoted text of the schema language."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def schema() -> str:
    """Return inputs that have every text wherever there can be one."""
    labels = ", ".join(quoted(text) for text in TEXTS)
    lines = [f"kind: enum({labels})", f"other: enum({labels}) = {quoted(TEXTS[0])}"]
    for place, text in enumerate(map(quoted, TEXTS)):
        lines.append(f"text_{place}: string = {text} {text}")
        lines.append(f"data_{place}: bytes = {text}")
        lines.append(f"label_{place}: enum({text}, x) = {text} {text}")
        lines.append(f"tensor_{place}: float[2] 0..1 {text}")
        lines.append(f"image_{place}: image {text}")
    return "\n".join(lines)


def outputs() -> str:
    """Return outputs that have every text wherever there can be one."""
    labels = ", ".join(quoted(text) for text in TEXTS)
    lines = [f"kind: enum({labels})"]
    for place, text in enumerate(map(quoted, TEXTS)):
        lines += [f"text_{place}: string {text}", f"label_{place}: enum({text}, y) {text}"]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project whose schema is full of hostile text."""
    made = bake(
        tmp_path_factory.mktemp("bake"),
        inputs=schema(),
        outputs=outputs(),
        description=" ".join(TEXTS),
        author=" ".join(TEXTS),
        package_name="box",
    )
    compile_stubs(made)
    return made


def ask(project: Path, code: str) -> Any:
    """Run code that prints JSON, with the project's package there to import."""
    env = {**os.environ, "PYTHONPATH": "src", "COLUMNS": "1000", "NO_COLOR": "1"}
    return json.loads(run(sys.executable, "-c", f"import json\n{code}", cwd=project, env=env))


def one_line(text: str) -> str:
    """Return the text with all white space as single blanks."""
    return " ".join(text.split())


# Texts in the schema


def test_the_linters_find_nothing(project: Path) -> None:
    lint(project)


def test_every_module_can_be_imported(project: Path) -> None:
    package = project / "src" / "box"
    paths = sorted(path.relative_to(package) for path in package.rglob("[a-z]*.py"))
    modules = [".".join(("box", *path.with_suffix("").parts)) for path in paths]
    code = "import importlib; print(json.dumps([importlib.import_module(m).__name__ for m in M]))"
    assert ask(project, f"M = {modules}; {code}") == modules


def test_labels_are_equal(project: Path) -> None:
    found = ask(project, "from box import schema; print(json.dumps(vars(schema), default=str))")
    assert found["KIND_LABELS"] == TEXTS
    assert found["OTHER_LABELS"] == TEXTS
    for place, text in enumerate(TEXTS):
        # The outputs have another enum of this name.
        assert found[f"LABEL{place}_LABELS"] == [text, "x"]


def test_defaults_are_equal(project: Path) -> None:
    code = """
from box import schema
from box.v1 import service_pb2 as pb
fields = [field for field in schema.SCHEMA.inputs if field.name.startswith(("text", "data"))]
print(json.dumps([(f.name, f.gather([pb.Instance()])[0]) for f in fields], default=bytes.decode))
"""
    found = dict(ask(project, code))
    for place, text in enumerate(TEXTS):
        assert found[f"text_{place}"] == text
        assert found[f"data_{place}"] == text


def test_docstrings_say_the_descriptions(project: Path) -> None:
    code = "from box import schema, Prediction; print(json.dumps([schema.Inputs.__doc__, "
    code += "schema.Outputs.__doc__, Prediction.__doc__]))"
    for text in map(one_line, ask(project, code)):
        assert [line for line in LINES if line not in text] == []


def test_comments_in_the_proto_say_descriptions_and_labels(project: Path) -> None:
    text = (project / "proto/box/v1/service.proto").read_text()
    comments = [line.strip()[3:] for line in text.split("\n") if line.strip().startswith("// ")]
    said = one_line(" ".join(comments))
    assert [line for line in LINES if said.count(line) < 5] == []


def test_help_says_the_descriptions(project: Path) -> None:
    code = "from box.__main__ import main; import sys; sys.argv = ['box', 'predict', '--help']"
    env = {**os.environ, "PYTHONPATH": "src", "COLUMNS": "100000", "NO_COLOR": "1"}
    said = one_line(run(sys.executable, "-c", f"{code}; main()", cwd=project, env=env))
    assert [line for line in LINES if line not in said] == []


def test_the_server_tells_the_description(project: Path) -> None:
    code = """
from box.engine.serving.handlers import Handlers
from box.schema import SCHEMA
print(json.dumps(Handlers(SCHEMA, None, None, 0)._metadata.description))
"""
    assert ask(project, code) == one_line(" ".join(TEXTS))


def rendered_text(markdown: str) -> str:
    """Return what a reader sees of a Markdown file."""
    seen: list[str] = []
    for token in MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(markdown):
        assert token.type != "html_block", token.content
        for child in token.children or ():
            assert child.type not in ("html_inline", "image"), child.content
            seen.append(" " if child.type == "softbreak" else child.content)
        seen.append(" ")
    return one_line("".join(seen))


def test_the_readme_shows_the_texts(project: Path) -> None:
    said = rendered_text((project / "README.md").read_text())
    assert one_line(" ".join(TEXTS)) in said
    assert [line for line in LINES if said.count(line) < 3] == []


# Texts in the answers


@pytest.mark.parametrize("text", TEXTS)
def test_every_answer_of_free_text_stays_that_text(tmp_path: Path, text: str) -> None:
    line = one_line(text)
    name = one_line(f"My Model {line}"[:60])
    answers = {"model_name": name, "description": text, "author": text}
    project = bake(tmp_path, **answers, project_slug="box", package_name="box")
    for path in rendered_files(project):
        if path.suffix == ".py":
            ast.parse(path.read_text())
        elif path.suffix in (".yml", ".yaml"):
            yaml.safe_load(path.read_text())
    about = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert about["description"] == line
    assert about["authors"] == [{"name": line}]
    said = rendered_text((project / "README.md").read_text())
    assert name in said
    assert line in said
    run(tool("ruff"), "format", "--no-cache", "--quiet", "--diff", cwd=project)
    run(tool("buf"), "format", "--diff", "--exit-code", cwd=project)
