"""The schemas that a project's committed code was made of.

People edit and commit the schema's text before they update. What the code was made of is the text in
Git's history that says what the committed proto says, and whose fingerprint the project keeps; the
newest of those if none has that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from ..language.errors import AnswerError
from ..language.schema import Taken
from ..project.origin import fingerprint
from ..project.project import Project, new_project
from ..project.schemas import parse_with_numbers
from .contract import Contract, contract_of, differences, taken
from .errors import UpdateError
from .origins import SCHEMAS, Origin
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
    origin = _with_fingerprint(origin, contract)
    fault, newest = "", None
    for texts in islice(_texts(repository, origin), MOST_COMMITS):
        try:
            project = project_of(origin, texts, {name: taken(contract, name) for name in SCHEMAS})
        except AnswerError as error:
            fault = fault or str(error)
            continue
        found = next(differences(contract, contract_of(project)), "")
        if not found:
            made = Made(texts, project)
            if _fingerprint(project) == origin.schema:
                return made
            newest = newest or made
        fault = fault or found
    if newest:  # It has been changed by hand, or nothing tells.
        return newest
    raise UpdateError(
        f"the schema's text and the committed proto differ: {fault}; write into schema/ what the "
        "proto has, commit it, and edit it then"
    )


def _with_fingerprint(origin: Origin, contract: Contract) -> Origin:
    """What the answers of cruft say the code was made of, if they have schemas themselves."""
    texts = {name: origin.answers.get(name) for name in SCHEMAS}
    if origin.schema or not all(isinstance(text, str) for text in texts.values()):
        return origin
    try:
        numbers = {name: taken(contract, name) for name in SCHEMAS}
        project = project_of(origin, {name: str(text) for name, text in texts.items()}, numbers)
    except AnswerError:  # They name a file, say.
        return origin
    return replace(origin, schema=_fingerprint(project))


def _fingerprint(project: Project) -> str:
    return fingerprint([project.input_schema.text, project.output_schema.text])


def _texts(repository: Repository, origin: Origin) -> Iterator[Texts]:
    """The schemas' texts, from the newest commit to the oldest."""
    for commit in repository.commits_of("schema"):
        texts = {name: repository.committed(f"schema/{name}.txt", commit) for name in SCHEMAS}
        found = {name: text.decode() for name, text in texts.items() if text is not None}
        if len(found) == len(SCHEMAS):
            yield found
    if all(name in origin.answers for name in SCHEMAS):  # Where there were no files yet.
        yield {name: str(origin.answers[name]) for name in SCHEMAS}


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
