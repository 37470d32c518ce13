"""How sentence-transformers makes one embedding of those of a text's tokens."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...language.errors import quoted
from ..common.opening import SourceError
from ..common.plain import listed, mapping, text
from .folder import Folder

MODULES = "modules.json"
PLAIN_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
# What each way of pooling is called where one is named, and where each has a switch.
WAYS = {
    "mean": "mean",
    "mean_tokens": "mean",
    "cls": "cls",
    "cls_token": "cls",
    "max": "max",
    "max_tokens": "max",
    "lasttoken": "last",
}
WITHOUT_EFFECT = ("Transformer", "Dropout")
ALL_IN_THE_GRAPH = (
    "export all of it with optimum-cli export onnx --library sentence_transformers --task "
    "feature-extraction --model FOLDER NEW_FOLDER, and name NEW_FOLDER"
)


@dataclass(frozen=True)
class Pooling:
    """How the embeddings of tokens become one; `how` is empty if the graph does it."""

    how: str
    is_normalized: bool
    notes: tuple[str, ...] = ()


def pooling_of(folder: Folder) -> Pooling:
    """How a folder says that embeddings are pooled.

    Raises:
        SourceError: If there is a step that the page cannot do.
        ValueError: If a file is not as it should be.
    """
    if not folder.has(MODULES):
        return Pooling(
            "mean",
            is_normalized=False,
            notes=(
                "The folder has no modules.json, which says how the embeddings of tokens become "
                "one: their mean is taken.",
            ),
        )
    how, is_normalized = "", False
    for module in map(mapping, listed(folder.array_or_object(MODULES))):
        kind = text(module.get("type", "")).rpartition(".")[2]
        if kind == "Pooling":
            how = _way(_settings(folder, text(module.get("path", ""))))
        elif kind == "Normalize":
            is_normalized = True
        elif kind not in WITHOUT_EFFECT:
            raise SourceError(
                f"the step {quoted(kind)} of {MODULES} is not in its graph", ALL_IN_THE_GRAPH
            )
    if not how:
        raise SourceError(f"its {MODULES} has no step of pooling", ALL_IN_THE_GRAPH)
    return Pooling(how, is_normalized)


def _settings(folder: Folder, path: str) -> dict[str, Any]:
    """What is said of the step of pooling."""
    if not PLAIN_FOLDER.fullmatch(path):
        raise ValueError("no folder in this one")
    return folder.json(f"{path}/config.json")


def _way(settings: Mapping[str, Any]) -> str:
    named = settings.get("pooling_mode")
    if isinstance(named, str):
        ways = [named]
    else:
        prefix = "pooling_mode_"
        switches = [key for key, is_on in settings.items() if is_on is True]
        ways = [key.removeprefix(prefix) for key in switches if key.startswith(prefix)]
    if len(ways) != 1 or ways[0] not in WAYS:
        raise SourceError(
            f"it pools by {quoted(' and '.join(ways) or 'nothing')}", ALL_IN_THE_GRAPH
        )
    return WAYS[ways[0]]
