"""Where the files of a model are, and which ones they are."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from ..settings import Settings

# How much of a checksum tells one model from another.
SHOWN_DIGITS = 12


def model_path(module: str, name: str, checksum: str = "") -> Path:
    """Return where a model is: at SERVER_MODEL_PATH, beside its module, or in the project's folder.

    Args:
        module: The file of the module that loads it.
        name: Its file or folder, relative to the module.
        checksum: What its checksum has to begin with, where it may come from elsewhere.

    Raises:
        FileNotFoundError: If it is nowhere.
        ValueError: If it is another one.
    """
    given = Settings().model_path
    beside = Path(module).parent / name
    in_project = Path(module).parents[2] / "model" / name
    candidates = [Path(given)] if given else [beside, in_project]
    found = next((path for path in candidates if path.exists()), None)
    if found is None:
        where = " or ".join(map(str, candidates))
        raise FileNotFoundError(f"there is no model at {where}; SERVER_MODEL_PATH names its file")
    if checksum and not checksum_of(found).startswith(checksum):
        raise ValueError(
            f"{found} is another model: its checksum is {checksum_of(found)}, not {checksum}"
        )
    return found


def version_of(path: Path) -> str:
    """Return a version that two models only share if they are the same."""
    return checksum_of(path)[:SHOWN_DIGITS]


def checksum_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder's files and their names."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    digest = hashlib.sha256()
    for file_path in files_in(path):
        digest.update(
            f"{file_path.relative_to(path).as_posix()} {checksum_of(file_path)}\n".encode()
        )
    return digest.hexdigest()


def files_in(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, in order; what Python compiles is none of them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path
