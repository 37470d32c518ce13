"""The schemas that a project's committed code was made of.

People edit and commit the schema's text before they update. What the code was made of is what the
project keeps of it, if the committed proto says the same; after a change by hand, it is the newest
text in Git's history that does.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from ..language.errors import AnswerError
from ..language.schema import Taken
from ..project.project import Project, new_project
from ..project.schemas import SCHEMAS, parse_with_numbers
from .contract import Contract, contract_of, differences, taken
from .errors import UpdateError
from .origins import Origin
from .repository import Repository

Texts = Mapping[str, str]
# How many commits of the schema's text are looked at.
MOST_COMMITS = 1000


@dataclass(frozen=True)
class Made:
    """What a project was made of.

    Attributes:
        texts: The schemas' texts.
        project: The project that they describe.
    """

    texts: Texts
    project: Project


def made_of(repository: Repository, origin: Origin, contract: Contract) -> Made:
    """What the committed code was made of.

    Raises:
        UpdateError: If no text says what the proto says.
    """
    fault = ""
    for texts in islice(_texts(repository, origin), MOST_COMMITS):
        try:
            project = project_of(origin, texts, {name: taken(contract, name) for name in SCHEMAS})
        except AnswerError as error:
            fault = fault or str(error)
            continue
        found = next(differences(contract, contract_of(project)), "")
        if not found:
            return Made(texts, project)
        fault = fault or found
    raise UpdateError(
        f"the schema's text and the committed proto differ: {fault}; write into schema/ what the "
        "proto has, commit it, and edit it then"
    )


def _texts(repository: Repository, origin: Origin) -> Iterator[Texts]:
    """The schemas' texts: what the project keeps, and then those in Git, from the newest on."""
    if origin.schemas:
        yield origin.schemas
    if all(isinstance(origin.answers.get(name), str) for name in SCHEMAS):  # As cruft keeps them.
        yield {name: str(origin.answers[name]) for name in SCHEMAS}
    for commit in repository.commits_of("schema"):
        texts = {name: repository.committed(f"schema/{name}.txt", commit) for name in SCHEMAS}
        with contextlib.suppress(UnicodeDecodeError):  # It was no schema.
            found = {name: text.decode() for name, text in texts.items() if text is not None}
            if len(found) == len(SCHEMAS):
                yield found


def project_of(origin: Origin, texts: Texts, numbers: Mapping[str, Taken]) -> Project:
    """The project that schemas describe, where the contract has had some numbers.

    Raises:
        AnswerError: If a text is wrong.
    """
    inputs, outputs = (
        parse_with_numbers(texts[name], name, numbers[name], f"schema/{name}.txt")
        for name in SCHEMAS
    )
    return new_project(origin.answers, inputs, outputs)
