"""The checks of every answer, one after its question and all of them before anything is written."""

import os
import re
import stat
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

from ..language.characters import refused_character
from ..language.errors import AnswerError, quoted
from ..language.fields import SCALARS
from ..language.spelling import LONGEST_NAME, LONGEST_TITLE, pascal
from . import names
from .schemas import SCHEMAS, parse_schema
from .sourcing import checked_source, completed

Answers = MutableMapping[str, Any]

LONGEST_FILE = 2**20
YES = frozenset(["1", "true", "t", "yes", "y", "on"])
NO = frozenset(["0", "false", "f", "no", "n", "off"])
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PACKAGE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
FIELD = re.compile(rf"\s*\w+\s*:\s*({'|'.join([*SCALARS, 'enum', 'image'])})\b")


def check(answers: Answers, name: str) -> None:
    """Refuse a wrong answer; put a right one into its final form, in `answers` itself."""
    if name in LATER_QUESTIONS:
        answers.setdefault(name, LATER_QUESTIONS[name])
    if name not in answers:
        raise _refusal(name, "there is no answer", "give one")
    if name in AFTER_SCHEMAS:
        _refuse_paste(name, answers[name])
    if name in SCHEMAS:
        answers[name] = _schema(name, answers[name], answers.get("source", ""))
    else:
        answers[name] = CHECKS[name](name, answers[name])


def check_all(answers: Answers) -> None:
    """Check every answer, in the order of the questions."""
    for name in CHECKS:
        check(answers, name)


def check_folder(answers: Answers) -> None:
    """Refuse a folder that is there, whatever cookiecutter is told to do with it.

    It would write over the model in it, or keep old files beside new ones.
    """
    slug = answers["project_slug"]
    if os.path.lexists(Path(answers.get("_output_dir", os.curdir), slug)):
        raise AnswerError(
            "project_slug",
            f"the folder {quoted(slug)} is there already",
            f'choose another name, like "{slug}-2", or run "make update" in it, which keeps what '
            "you have changed",
        )


def _refuse_paste(name: str, value: object) -> None:
    """Refuse a field of a schema: at a prompt, lines after the first answer what is asked next."""
    if isinstance(value, str) and FIELD.match(value):
        raise AnswerError(
            name,
            f"{quoted(value)} is a field of a schema, as if several lines were pasted at a "
            "question before",
            'put the schema into a file and answer that question with its name, like "@schema.txt"',
        )


def _refusal(name: str, fault: str, fix: str) -> AnswerError:
    """The error of an answer that is mended by one like the example."""
    return AnswerError(name, fault, f"{fix}, like {EXAMPLES[name]}")


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise _refusal(name, f"{quoted(repr(value))} is not text", "write text")
    text = value.replace("\r\n", "\n")
    if odd := refused_character(text):
        raise _refusal(name, f"the control character {odd} cannot be part of it", "leave it out")
    return text


def _short_text(name: str, value: object, longest: int) -> str:
    text = _text(name, value)
    if len(text) > longest:
        fault = f"{len(text)} characters are more than {longest}"
        raise _refusal(name, fault, "write a shorter one")
    return text


def _model_name(name: str, value: object) -> str:
    text = _text(name, value).strip()
    if "\n" in text or "\t" in text:
        raise _refusal(name, "it is more than one line", "write one line")
    _short_text(name, text, LONGEST_TITLE)
    class_name = pascal(text)
    if not class_name[:1].isalpha():
        fault = f"{quoted(text)} does not start with a letter, as its gRPC service has to"
        raise AnswerError(name, fault, f"write a name like {EXAMPLES[name]}")
    if len(class_name) > LONGEST_NAME:
        service = f"its gRPC service would be {quoted(class_name)}"
        fault = f"{service}, longer than {LONGEST_NAME} characters"
        raise _refusal(name, fault, "write a shorter one")
    return text


def _source(name: str, value: object) -> str:
    return checked_source(_text(name, value))


def _schema(name: str, value: object, source: str = "") -> str:
    path = ""
    if isinstance(value, str) and value.strip().startswith("@"):
        path = value.strip()[1:].strip()
        value = _file(name, path)
    if isinstance(value, str):
        text = completed(source, name, value, path) if source else value
        parse_schema(text, name, outputs=name == "outputs", file="" if source else path)
        value = text
    return _text(name, value)


def _file(name: str, path: str) -> str:
    example = 'like "@schema.txt"'
    try:
        with open(Path(path).expanduser(), "rb", opener=_open_at_once) as file:
            is_regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            content = file.read(LONGEST_FILE + 1) if is_regular else b""
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise AnswerError(
            name,
            f"the file {quoted(path)} cannot be read ({reason})",
            f"name a file that is there, {example}",
        ) from None
    if not is_regular:
        raise AnswerError(
            name,
            f"{quoted(path)} is a pipe or a device, which may never end",
            f"name a regular file, {example}",
        )
    if len(content) > LONGEST_FILE:
        raise AnswerError(
            name, f"the file {quoted(path)} is larger than 1 MiB", f"name a smaller one, {example}"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise AnswerError(
            name, f"the file {quoted(path)} is not UTF-8 text", f"save it as UTF-8, {example}"
        ) from None


def _open_at_once(path: str, flags: int) -> int:
    """Open a file without waiting, as for a pipe until somebody writes to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _name(form: re.Pattern[str], joint: str, taken: frozenset[str]) -> Callable[[str, object], str]:
    """The check of a name that is made of words."""

    def check_name(name: str, value: object) -> str:
        text = _text(name, value)
        if not form.fullmatch(text):
            kind = f'lower-case words of letters and digits joined by "{joint}"'
            raise _refusal(name, f"{quoted(text)} is not {kind}", "start with a letter")
        if text in taken:
            fault = f"{quoted(text)} is the name of something else"
            raise AnswerError(name, fault, f'choose another, like "{text}{joint}model"')
        return _short_text(name, text, LONGEST_NAME)

    return check_name


def _yes_or_no(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in YES | NO:
        shown_value = value if isinstance(value, str) else repr(value)
        raise AnswerError(
            name, f"{quoted(shown_value)} is neither yes nor no", 'answer one, like "yes"'
        )
    return word in YES


CHECKS: dict[str, Callable[[str, object], str | bool]] = {
    "source": _source,
    "trust_source": _yes_or_no,
    "model_name": _model_name,
    "description": _text,
    "inputs": _schema,
    "outputs": _schema,
    "project_slug": _name(SLUG, "-", names.SLUGS_TAKEN),
    "package_name": _name(PACKAGE, "_", names.PACKAGES_TAKEN),
    "author": _text,
    "install": _yes_or_no,
}
# Questions that replay files from before 0.4.0 have no answers to, and what these were.
LATER_QUESTIONS = {"source": "", "trust_source": "no"}
# A paste of several lines at a schema's prompt goes on into these.
AFTER_SCHEMAS = frozenset(["project_slug", "package_name", "author", "install"])
EXAMPLES = {
    "source": '"model.onnx"',
    "trust_source": '"no"',
    "model_name": '"Iris Classifier"',
    "description": '"Tells iris species apart"',
    "inputs": '"age: int32 0..120"',
    "outputs": '"score: float"',
    "project_slug": '"iris-classifier"',
    "package_name": '"iris_classifier"',
    "author": '"Ada Lovelace"',
    "install": '"yes"',
}
