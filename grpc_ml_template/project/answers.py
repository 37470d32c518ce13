"""The checks of every answer, one after its question and all of them before anything is written."""

import os
import re
import stat
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

from ..language import spelling
from ..language.characters import refused_character
from ..language.errors import AnswerError, quoted
from ..language.fields import SCALARS
from . import names
from .schemas import parse_schema

Answers = MutableMapping[str, Any]

LONGEST_FILE = 2**20
YES = frozenset(["1", "true", "t", "yes", "y", "on"])
NO = frozenset(["0", "false", "f", "no", "n", "off"])
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PACKAGE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
FIELD = re.compile(rf"\s*\w+\s*:\s*({'|'.join([*SCALARS, 'enum', 'image'])})\b")


def check(answers: Answers, name: str) -> None:
    """Refuse a wrong answer; put a right one into its final form, in `answers` itself."""
    if name not in answers:
        raise AnswerError(name, "there is no answer", f"give one, like {EXAMPLES[name]}")
    if name in AFTER_SCHEMAS:
        _refuse_paste(name, answers[name])
    answers[name] = CHECKS[name](name, answers[name])


def check_all(answers: Answers) -> None:
    """Check every answer, in the order of the questions."""
    for name in CHECKS:
        check(answers, name)


def _refuse_paste(name: str, value: object) -> None:
    """Refuse a field of a schema: at a prompt, lines after the first answer what is asked next."""
    if isinstance(value, str) and FIELD.match(value):
        raise AnswerError(
            name,
            f"{quoted(value)} is a field of a schema, as if several lines were pasted at a "
            "question before",
            'put the schema into a file and answer that question with its name, like "@schema.txt"',
        )


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise AnswerError(
            name, f"{quoted(repr(value))} is not text", f"write text, like {EXAMPLES[name]}"
        )
    text = value.replace("\r\n", "\n")
    if odd := refused_character(text):
        raise AnswerError(
            name,
            f"the control character {odd} cannot be part of it",
            f"leave it out, like {EXAMPLES[name]}",
        )
    return text


def _model_name(name: str, value: object) -> str:
    text = _text(name, value).strip()
    example = EXAMPLES[name]
    if "\n" in text or "\t" in text:
        raise AnswerError(name, "it is more than one line", f"write one line, like {example}")
    _check_length(name, text, spelling.LONGEST_TITLE)
    class_name = spelling.pascal(text)
    if not class_name[:1].isalpha():
        raise AnswerError(
            name,
            f"{quoted(text)} does not start with a letter, as its gRPC service has to",
            f"write a name like {example}",
        )
    if len(class_name) > spelling.LONGEST_NAME:
        raise AnswerError(
            name,
            f"its gRPC service would be {quoted(class_name)}, longer than {spelling.LONGEST_NAME} characters",
            f"write a shorter one, like {example}",
        )
    return text


def _schema(name: str, value: object) -> str:
    path = ""
    if isinstance(value, str) and value.strip().startswith("@"):
        path = value.strip()[1:].strip()
        value = _file(name, path)
    if isinstance(value, str):
        parse_schema(value, name, outputs=name == "outputs", file=path)
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


def _project_slug(name: str, value: object) -> str:
    slug = _text(name, value)
    _check_form(name, slug, SLUG, "-")
    _check_free(name, slug, names.SLUGS_TAKEN, "-")
    return slug


def _package_name(name: str, value: object) -> str:
    package = _text(name, value)
    _check_form(name, package, PACKAGE, "_")
    _check_free(name, package, names.PACKAGES_TAKEN, "_")
    return package


def _check_form(name: str, value: str, form: re.Pattern[str], joint: str) -> None:
    example = f"like {EXAMPLES[name]}"
    if not form.fullmatch(value):
        raise AnswerError(
            name,
            f'{quoted(value)} is not lower-case words of letters and digits joined by "{joint}"',
            f"start with a letter, {example}",
        )
    _check_length(name, value, spelling.LONGEST_NAME)


def _check_length(name: str, value: str, longest: int) -> None:
    if len(value) > longest:
        raise AnswerError(
            name,
            f"{len(value)} characters are more than {longest}",
            f"write a shorter one, like {EXAMPLES[name]}",
        )


def _check_free(name: str, value: str, taken: frozenset[str], joint: str) -> None:
    if value in taken:
        raise AnswerError(
            name,
            f"{quoted(value)} is the name of something else",
            f'choose another, like "{value}{joint}model"',
        )


def _install(name: str, value: object) -> bool:
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
    "model_name": _model_name,
    "description": _text,
    "inputs": _schema,
    "outputs": _schema,
    "project_slug": _project_slug,
    "package_name": _package_name,
    "author": _text,
    "install": _install,
}
# A paste of several lines at a schema's prompt goes on into these.
AFTER_SCHEMAS = frozenset(["project_slug", "package_name", "author", "install"])
EXAMPLES = {
    "model_name": '"Iris Classifier"',
    "description": '"Tells iris species apart"',
    "inputs": '"age: int32 0..120"',
    "outputs": '"score: float"',
    "project_slug": '"iris-classifier"',
    "package_name": '"iris_classifier"',
    "author": '"Ada Lovelace"',
    "install": '"yes"',
}
