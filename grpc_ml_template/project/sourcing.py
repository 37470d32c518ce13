"""The answers that follow from a source: the schema, and what the model is called."""

import hashlib
import keyword
import os
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..language.errors import AnswerError, quoted
from ..language.parser import Entry
from ..language.spelling import LONGEST_NAME, pascal, words
from ..language.writing import quoted_text
from ..sources.common.opening import SourceError, printable, unreadable
from ..sources.common.signature import ModelFile, Part, Signature
from ..sources.naming import field_names
from ..sources.reading import read
from ..sources.schema_text import lines
from .matching import refuse_unlike, refuse_untold
from .schemas import names_taken, typed_entries
from .source import MOST_PACKAGED, Source, source_in, source_of

FROM_SOURCE = "from the source"
NONE: Mapping[str, str] = {}
# What a sample's project answers until its model is there.
SAMPLE_OUTPUTS = (Part("prediction", "double", about="What the model answers"),)
REMOTE = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)
# What people call files of any model.
GENERIC = {"model", "pipeline", "weights", "best", "final", "data", "sample"}


def checked_source(answer: str) -> str:
    """The path of a source, from wherever the project is updated; empty if there is none.

    Raises:
        AnswerError: If it cannot be read.
    """
    text = answer.strip()
    if not text:
        return ""
    if REMOTE.match(text):
        raise AnswerError(
            "source",
            f"{quoted(text)} is an address, not a path",
            'download it first, and name the file, like "model.onnx"',
        )
    try:
        path, fragment = parted(str(Path(text).expanduser()))
        found = Path(path).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        fault = unreadable(error if isinstance(error, OSError | ValueError) else ValueError())
        raise AnswerError("source", f"{quoted(text)}: {fault.fault}", fault.fix) from None
    source = f"{found}#{fragment}" if fragment else str(found)
    signature_of(source)
    return source


def parted(source: str) -> tuple[str, str]:
    """The path of a source, and which part of its document is meant; names may have a # in them."""
    path, mark, fragment = source.rpartition("#")
    return (path, fragment) if mark and not os.path.lexists(source) else (source, "")


def signature_of(source: str) -> Signature:
    """What a source says.

    Raises:
        AnswerError: If it cannot be read.
    """
    path, fragment = parted(source)
    try:
        status = Path(path).stat()
        return _read(Path(path), fragment, (status.st_mtime_ns, status.st_size, status.st_ino))
    except SourceError as error:
        raise AnswerError("source", f"{quoted(path)}: {error.fault}", error.fix) from None
    except (OSError, ValueError) as error:
        fault = unreadable(error)
        raise AnswerError("source", f"{quoted(path)}: {fault.fault}", fault.fix) from None


@lru_cache(maxsize=8)
def _read(path: Path, fragment: str, stamp: tuple[int, ...]) -> Signature:
    """What a source says; `stamp` is another one once it has changed."""
    return read(path, fragment)


def completed(source: str, name: str, typed: str, file: str) -> str:
    """The text of a schema: what is typed, and from the source what is not.

    Args:
        source: The checked answer.
        name: Which schema: inputs or outputs.
        typed: What was answered.
        file: Where that is from, if from a file.

    Raises:
        AnswerError: If what is typed is none of the source's, or cannot be read.
    """
    signature = signature_of(source)
    parts = signature.inputs if name == "inputs" else signature.outputs or SAMPLE_OUTPUTS
    try:
        names = names_of(parts, name)
        found = lines(parts, names)
    except SourceError as error:
        raise AnswerError("source", error.fault, error.fix) from None
    own = {} if typed.strip() == FROM_SOURCE else typed_entries(typed, name, file)
    refuse_untold(name, parts, names, own)
    if signature.runtime:
        refuse_unlike(name, parts, names, own)
    originals = {field: original for original, field in names.items()}
    merged = {
        field: _with_alias(field, own[field], originals[field]) if field in own else line
        for field, line in found.items()
    }
    more = [entry.text for field, entry in own.items() if field not in found]
    return "\n".join([*merged.values(), *more])


def names_of(parts: Sequence[Part], side: str, known: Mapping[str, str] = NONE) -> dict[str, str]:
    """The name of each field, by its name in the source.

    Args:
        parts: The fields.
        side: Whether they are inputs or outputs.
        known: The names that fields have already.
    """
    taken = {*names_taken(side), *keyword.kwlist}
    return field_names([part.name for part in parts], taken, known, side.removesuffix("s"))


def _with_alias(field: str, entry: Entry, original: str) -> str:
    """A field as it is typed, with the name that it has in the source."""
    if entry.declared.alias or field == original:
        return entry.text
    return f"{field} as {quoted_text(original)}{entry.text.removeprefix(field)}"


def named_after(source: str) -> str:
    """What a model is called that comes from a source: by its file, or by its folder."""
    path = Path(parted(source)[0])
    for name in (path.stem, path.parent.name):
        title = " ".join(word.capitalize() for word in words(name) if word not in GENERIC)
        if title[:1].isalpha() and len(pascal(title)) <= LONGEST_NAME:
            return title
    return "My Model"


def load_source(answers: Mapping[str, Any]) -> Source | None:
    """The model of a project: from its source, or as the project has kept it; None without one."""
    if answers.get("_source"):
        return source_in(str(answers["_source"]))
    source = answers.get("source")
    signature = signature_of(source) if source else None
    if signature is None or signature.runtime is None:
        return None
    path = Path(parted(str(source))[0])
    return source_of(signature, path.name, checksum_of(signature.runtime.files))


def source_files(answers: Mapping[str, Any]) -> dict[str, Any]:
    """What the hook does with the source of a new project.

    Returns:
        `files` to copy, each with where it goes in the project; what loading the model `imports`,
        and whether that `needs_trust`; `foreign` packages, which the source names; `notes` for the
        user; and what `golden` has, where that is anything: `rows`, real instances, or else the
        values `known` of fields. Nothing if there is no source.
    """
    source = load_source(answers)
    if source is None or not answers.get("source"):
        return {}
    signature = signature_of(answers["source"])
    assert signature.runtime
    names = names_of(signature.inputs, "inputs")
    rows = [{"instance": _row(row, names)} for row in signature.rows]
    known = {names[part.name]: part.familiar for part in signature.inputs if part.familiar}
    folder = f"{source.folder(answers['package_name'])}/{source.inner_folder}"
    return {
        "files": [[str(file.path), f"{folder}{file.place}"] for file in signature.runtime.files],
        "imports": signature.runtime.imports,
        "needs_trust": signature.runtime.needs_trust,
        "foreign": signature.runtime.foreign,
        "notes": [printable(note) for note in signature.notes],
        "golden": {"rows": rows} if rows else {"known": known, "rows": []} if known else {},
        "golden_file": f"src/{answers['package_name']}/golden.json",
    }


def _row(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A real instance by the names of the fields; what is missing in it is nan in some libraries."""
    return {names[name]: None if value != value else value for name, value in row.items()}


@lru_cache(maxsize=8)
def checksum_of(files: tuple[ModelFile, ...]) -> str:
    """The SHA-256 of a model that is too large for the package; empty if it is not."""
    if sum(file.path.stat().st_size for file in files) <= MOST_PACKAGED:
        return ""
    with files[0].path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
