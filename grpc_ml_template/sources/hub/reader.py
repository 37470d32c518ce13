"""Folders as model hubs lay them out: a tokenizer, an ONNX file and ``config.json``; text goes in.

Its facts are such as::

    {
        "task": "labels",                    # or "tokens", "embedding"
        "inputs": [{"name": "input_ids", "dtype": "int64"}],
        "output": "logits",                  # of the graph, the one that is asked for
        "is_float": true,                    # false: it becomes float32
        "labels": ["NEGATIVE", "POSITIVE"],  # by their places in the graph's output
        "scores": "softmax",                 # or "sigmoid", or "" for the output as it is
        "pooling": "",                       # "mean", "cls", "max" or "last" over a text's tokens
        "is_normalized": false,
        "prompt": "", "is_lower": false,     # what is done to a text first
        "pad_token": "[PAD]", "pad_id": null,     # one of them is known
        "pads_left": false, "cuts_left": false,
        "longest": 512,                      # tokens of a text; null if nothing is known of that
        "exactly": null                      # how many tokens the graph takes, if no other number
    }
"""

from pathlib import Path
from typing import Any

from ..common.opening import SourceError
from ..common.signature import ModelFile, Part, Runtime, Signature
from ..onnx import reader as onnx
from .answers import Answers, answers_of
from .folder import TOKENIZER, Folder, checked_tokenizer, graph_of
from .texts import Texts, texts_of

PACKAGES = (onnx.RUNTIME, "tokenizers>=0.21")
# A folder with one of these is such a folder, or what is left of one.
NAMES = (TOKENIZER, "config.json", "modules.json", "tokenizer_config.json")


def read(path: Path) -> Signature:
    """What the model in a folder makes of a text.

    Raises:
        SourceError: If there is none, or one that cannot be served.
    """
    folder = Folder(path)
    config = folder.json("config.json")
    tokenizer = checked_tokenizer(folder, config)
    graph = onnx.read(graph_of(folder, config))
    try:
        answers = answers_of(folder, config, graph)
        texts = texts_of(folder, config, graph)
    except ValueError:
        raise SourceError(
            "its JSON files are not as transformers writes them",
            "save the model again with save_pretrained",
        ) from None
    return _signature(graph, answers, texts, tokenizer)


def _signature(graph: Signature, answers: Answers, texts: Texts, tokenizer: Path) -> Signature:
    runtime = graph.runtime
    assert runtime
    if any(file.place.lower() == TOKENIZER for file in runtime.files):
        raise SourceError(
            f"a tensor of its ONNX file is in {TOKENIZER}", "export the model again, with optimum"
        )
    facts: dict[str, Any] = {**answers.facts, **texts.facts}
    return Signature(
        inputs=(Part("text", "string", about=texts.about),),
        outputs=answers.parts,
        runtime=Runtime(
            kind="hub",
            facts=facts,
            packages=PACKAGES,
            files=(*runtime.files, ModelFile(tokenizer, TOKENIZER)),
        ),
        notes=(*answers.notes, *texts.notes),
    )
