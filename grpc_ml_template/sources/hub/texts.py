"""How a text becomes what the graph of a hub's model takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...language.errors import quoted
from ..common.opening import SourceError
from ..common.plain import mapping, text
from ..common.signature import Signature
from .folder import EXPORT, THE_GRAPH, Folder, needs_preparing, writer

# What is made of a text; the others are refused.
TAKEN = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
IMAGES, SOUNDS = ("pixel_values",), ("input_features", "input_values")
# Tokenizers that know no limit have 1e30 for it.
MOST_TOKENS = 1_000_000
# Kinds of models whose positions begin behind the number of the padding token.
SHIFTED = ("roberta", "camembert", "mpnet", "longformer", "data2vec-text")


@dataclass(frozen=True)
class Texts:
    """What the page has to know of texts, and what people should."""

    facts: Mapping[str, Any]
    about: str
    notes: tuple[str, ...]


def texts_of(folder: Folder, config: Mapping[str, Any], graph: Signature) -> Texts:
    """How texts are prepared.

    Raises:
        SourceError: If the graph takes something else, or the folder does not say enough.
        ValueError: If a file is not as it should be.
    """
    inputs, exactly = _inputs(graph)
    tokenizer = folder.json("tokenizer_config.json")
    sentences = folder.json("sentence_bert_config.json")
    longest = exactly or _longest(config, tokenizer, sentences)
    prompt, notes = _prompt(folder.json("config_sentence_transformers.json"))
    about = f"Text; what comes after {longest} tokens is left out" if longest else "Text"
    facts = {
        "inputs": inputs,
        "prompt": prompt,
        "is_lower": sentences.get("do_lower_case") is True,
        **_padding(folder, config, tokenizer),
        "pads_left": tokenizer.get("padding_side") == "left",
        "cuts_left": tokenizer.get("truncation_side") == "left",
        "longest": longest,
        "exactly": exactly,
    }
    if not longest:
        notes += ["Nothing in the folder says how many tokens a text may have: none is cut."]
    if facts["cuts_left"]:
        about = about.replace("comes after", "comes before the last")
    return Texts(facts, about, tuple(notes))


def _inputs(graph: Signature) -> tuple[list[dict[str, str]], int | None]:
    """The inputs of the graph, and how many tokens it takes if no other number."""
    runtime = graph.runtime
    assert runtime
    known = runtime.facts["inputs"]
    names = [fact["name"] for fact in known]
    _check_names(names)
    if runtime.facts["takes"] == "whole":
        raise SourceError("its graph takes one fixed number of texts", EXPORT)
    sizes = {part.dims[0] if part.dims else 1 for part in graph.inputs}
    for fact in known:
        if fact["rank"] != 2 or fact["dtype"] not in ("int64", "int32") or len(sizes) > 1:
            raise SourceError(f"its input {quoted(fact['name'])} is no row of tokens", EXPORT)
    inputs = [{"name": fact["name"], "dtype": fact["dtype"]} for fact in known]
    return inputs, sizes.pop()


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if name.startswith(("past_key_values", "decoder_", "past_")):
            raise writer()
        if name in IMAGES or name in SOUNDS:
            raise needs_preparing("images" if name in IMAGES else "sounds")
        if name not in TAKEN:
            raise SourceError(f"its graph takes {quoted(name)}, which is no tokens", THE_GRAPH)
    for name in TAKEN[:2]:  # Without a mask, padding would change the answers.
        if name not in names:
            raise SourceError(f"its graph does not take {name}", EXPORT)


def _longest(*said: Mapping[str, Any]) -> int | None:
    """How many tokens a text may have."""
    config, tokenizer, sentences = said
    positions = _limit(config.get("max_position_embeddings"))
    if positions and str(config.get("model_type", "")).endswith(SHIFTED):
        first = config.get("pad_token_id")
        positions -= (first if type(first) is int and 0 <= first < positions - 1 else 1) + 1
    limits = (
        positions,
        _limit(tokenizer.get("model_max_length")),
        _limit(sentences.get("max_seq_length")),
    )
    return min(filter(None, limits), default=None)


def _limit(value: Any) -> int | None:
    return value if type(value) is int and 2 < value <= MOST_TOKENS else None


def _padding(
    folder: Folder, config: Mapping[str, Any], tokenizer: Mapping[str, Any]
) -> dict[str, Any]:
    """The token that fills up the shorter texts of a batch, or else its number."""
    for said in (tokenizer, folder.json("special_tokens_map.json")):
        token = said.get("pad_token")
        token = token.get("content") if isinstance(token, dict) else token
        if token is not None:
            return {"pad_token": text(token), "pad_id": None}
    number = config.get("pad_token_id")
    if type(number) is not int or not 0 <= number < 2**31:
        raise SourceError(
            "its tokenizer has no token for padding",
            'name one in tokenizer_config.json, such as "pad_token": "[PAD]"',
        )
    return {"pad_token": None, "pad_id": number}


def _prompt(said: Mapping[str, Any]) -> tuple[str, list[str]]:
    """What is put before each text, and what callers may have to put there themselves."""
    prompts = {
        text(name): text(words) for name, words in mapping(said.get("prompts") or {}).items()
    }
    default = said.get("default_prompt_name")
    if default is not None:
        return text(prompts.get(text(default))), []
    listed = [f"{quoted(words)} ({quoted(name)})" for name, words in prompts.items() if words]
    if not listed:
        return "", []
    return "", [f"Callers put the prompt before the text: {', '.join(listed[:4])}."]
