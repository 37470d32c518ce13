"""The files of a folder from a model hub, and what is said of a folder that lacks some."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ...language.errors import quoted
from ..common.json_text import read_json
from ..common.opening import SourceError, opened, unreadable

TOKENIZER = "tokenizer.json"
# Larger than any of the small files, and no more in memory than 100 MB.
MOST_JSON = 4 << 20
MOST_FILES = 10_000
# How much of tokenizer.json shows what it is: its vocabulary may have 20 MB.
HEAD = 4096
GRAPHS = ("model.onnx", "onnx/model.onnx")
EXPORT = "export it with optimum-cli export onnx --model FOLDER NEW_FOLDER, and name NEW_FOLDER"
THE_GRAPH = "name its ONNX file itself, which takes tensors"
# What tokenizers of Python alone are saved as.
SLOW = (
    "tokenizer_config.json",
    "vocab.txt",
    "vocab.json",
    "spiece.model",
    "sentencepiece.bpe.model",
    "tokenizer.model",
)
# What the classes of models are called that write texts.
WRITERS = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration", "ForSeq2SeqLM")


@dataclass(frozen=True)
class Folder:
    """A folder of a model."""

    path: Path

    def has(self, *names: str) -> bool:
        """Whether one of these files is there."""
        return any(os.path.isfile(self.path / name) for name in names)

    def json(self, name: str) -> dict[str, Any]:
        """What a JSON file says; nothing if it is not there.

        Raises:
            SourceError: If it is too large, or no JSON object.
        """
        found = self.array_or_object(name)
        if not isinstance(found, dict):
            raise SourceError(f"its {name} is no JSON object", "copy the file again")
        return found

    def array_or_object(self, name: str) -> Any:
        """The value in a JSON file; an empty object if it is not there."""
        if not self.has(name):
            return {}
        with opened(self.path / name) as view:
            if len(view) > MOST_JSON:
                raise SourceError(
                    f"its {name} is larger than {MOST_JSON >> 20} MiB", "copy the file again"
                )
            try:
                return read_json(bytes(view))
            except SourceError as error:
                raise SourceError(f"{name}: {error.fault}", "copy the file again") from None

    def graphs(self) -> Iterator[str]:
        """The ONNX files where hubs have them."""
        for prefix in ("", "onnx/"):
            if (self.path / prefix).is_dir():
                try:
                    with os.scandir(self.path / prefix) as entries:
                        names = [entry.name for entry in islice(entries, MOST_FILES)]
                except OSError as error:
                    raise unreadable(error) from None
                yield from sorted(f"{prefix}{n}" for n in names if n.endswith(".onnx"))


def writes(config: Mapping[str, Any]) -> bool:
    """Whether a model is one that writes texts."""
    return any(name.endswith(WRITERS) for name in classes_of(config))


def classes_of(config: Mapping[str, Any]) -> list[str]:
    """The classes that a model was saved from."""
    names = config.get("architectures")
    return [str(name) for name in names] if isinstance(names, list) else []


def writer() -> SourceError:
    """The error of a model that writes texts, a word after the other."""
    return SourceError("it is a language model", "serve it with a server for language models")


def needs_preparing(what: str) -> SourceError:
    """The error of a model of something else than texts."""
    return SourceError(
        f"it is a model of {what}, whose preparation is code of transformers",
        f"{THE_GRAPH}, and prepare these in model.py",
    )


def checked_tokenizer(folder: Folder, config: Mapping[str, Any]) -> Path:
    """The file of a tokenizer.

    Raises:
        SourceError: If it is not there, or something else.
    """
    if not folder.has(TOKENIZER):
        raise _without_tokenizer(folder, config)
    path = folder.path / TOKENIZER
    with opened(path) as view:
        head = bytes(view[:HEAD]).lstrip()
    if not head.startswith(b"{") or b'"added_tokens"' not in head:
        raise SourceError(f"its {TOKENIZER} is none of a tokenizer", "copy the file again")
    return path


def _without_tokenizer(folder: Folder, config: Mapping[str, Any]) -> SourceError:
    if folder.has("preprocessor_config.json", "processor_config.json"):
        return needs_preparing("images or sounds")
    if folder.has("model_index.json"):
        return needs_preparing("several steps")
    if folder.has(*SLOW):
        return SourceError(
            f"it has no {TOKENIZER}",
            "save one with AutoTokenizer.from_pretrained(FOLDER, use_fast=True)"
            ".save_pretrained(FOLDER)",
        )
    if not config and not any(folder.graphs()):
        return SourceError("the folder has no model of a hub", "name the folder of one")
    return SourceError(f"it has no {TOKENIZER}", THE_GRAPH)


def graph_of(folder: Folder, config: Mapping[str, Any]) -> Path:
    """The ONNX file of a model.

    Raises:
        SourceError: If there is none, or it is not clear which one is meant.
    """
    found = next((place for place in GRAPHS if folder.has(place)), None)
    if found:
        return folder.path / found
    graphs = [*folder.graphs()]
    if any(place.rpartition("/")[2].startswith("decoder") for place in graphs):
        raise writer()
    if len(graphs) == 1:
        return folder.path / graphs[0]
    if graphs:
        shown = ", ".join(quoted(place) for place in graphs[:6])
        raise SourceError(f"it has several ONNX files: {shown}", "copy one of them to model.onnx")
    if writes(config):
        raise writer()
    raise SourceError("it has no ONNX file, only weights", EXPORT)
