"""Where a project comes from, as it says itself, and what it says of it after an update."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..project.origin import KEPT, written
from ..project.schemas import SCHEMAS
from .errors import UpdateError

OWN = Path("schema", "template.json")
CRUFT = Path(".cruft.json")
# What is kept of a model that the project was made for.
MODEL = ("source", "takes")
# The one version that can be updated from and whose projects do not say which it was.
UNTOLD = "0.2.0"


@dataclass(frozen=True)
class Origin:
    """The template of a project, and the answers that it was made with.

    Attributes:
        address: Where the template is.
        version, commit: Which one it was; either may be unknown, and empty.
        answers: The answers, with those for the schemas where there is no other place for them.
        schemas: The texts of the schemas that the code was made of, where they are kept.
        file: Where all that is kept; None if it came from elsewhere.
        content: The whole of the file.
    """

    address: str
    version: str
    commit: str
    answers: Mapping[str, Any]
    schemas: Mapping[str, str]
    file: Path | None
    content: Mapping[str, Any]

    @property
    def model(self) -> dict[str, str]:
        """The answers that make a project for the same model."""
        source = self.content.get("source")
        kept = {"_source": json.dumps(source, ensure_ascii=False)} if source else {}
        return kept | ({"_takes": str(self.content["takes"])} if "takes" in self.content else {})

    def after(self, address: str, version: str, commit: str, schemas: Mapping[str, str]) -> str:
        """The text of the file after an update to another version of the template."""
        answers = {name: self.answers[name] for name in KEPT}
        if self.file != CRUFT:
            kept = {name: self.content[name] for name in MODEL if name in self.content}
            return written(address, version, commit, answers, schemas, kept) + "\n"
        context = {**self.content["context"]}
        context["cookiecutter"] = {**context["cookiecutter"], **schemas, "_template": address}
        if "_commit" in context["cookiecutter"]:
            context["cookiecutter"]["_commit"] = commit
        content = {**self.content, "template": address, "commit": commit, "context": context}
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def read_origin(project: Path, answers: Path | None) -> Origin:
    """What a project says of where it comes from.

    Args:
        project: Its folder.
        answers: A replay file of cookiecutter, for projects that do not say it.

    Raises:
        UpdateError: If it cannot be read.
    """
    if answers is not None:
        content = _read(answers)
        found = content.get("cookiecutter")
        if not isinstance(found, dict):
            raise UpdateError(
                f"{answers}: it is no replay file of cookiecutter, which has its answers"
            )
        address = str(found.get("_template", ""))
        return _complete(Origin(address, UNTOLD, "", found, {}, None, content))
    if (project / CRUFT).exists():
        content = _read(project / CRUFT)
        context = content.get("context")
        found = context.get("cookiecutter") if isinstance(context, dict) else None
        address, commit = str(content.get("template")), str(content.get("commit"))
        return _complete(Origin(address, "", commit, found or {}, {}, CRUFT, content))
    if not (project / OWN).exists():
        raise UpdateError(
            f"{OWN} is missing, which says what the project was made of; projects older than it "
            "are updated with --answers, as docs/living.md of the template says"
        )
    content = _read(project / OWN)
    address, version, commit = (str(content.get(n, "")) for n in ("template", "version", "commit"))
    found = content.get("answers")
    schemas = _schemas(content.get("made_of"))
    return _complete(Origin(address, version, commit, found or {}, schemas, OWN, content))


def _schemas(content: Any) -> Mapping[str, str]:
    """The texts of the schemas in a file; none if they are not all there."""
    try:
        return {name: "\n".join(content[name]) for name in SCHEMAS}
    except (KeyError, TypeError):
        return {}


def _complete(origin: Origin) -> Origin:
    where = origin.file or "the replay file"
    if not isinstance(origin.answers, dict):
        raise UpdateError(f"{where}: its answers are no JSON object")
    lacking = [name for name in KEPT if not isinstance(origin.answers.get(name), str)]
    if lacking:
        raise UpdateError(f"{where}: the answer {lacking[0]} is missing, or no text")
    return replace(origin, answers={k: v for k, v in origin.answers.items() if k[:1] != "_"})


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UpdateError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise UpdateError(f"{path}: it is no JSON: {error}") from None
    if not isinstance(content, dict):
        raise UpdateError(f"{path}: it is no JSON object")
    return content
