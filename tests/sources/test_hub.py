"""What a folder from a model hub tells, and what it cannot do to its reader."""

import json
import random
import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

import faults
import pytest

from grpc_ml_template.sources.common.signature import Part, Signature
from grpc_ml_template.sources.hub.reader import read

fault_of = partial(faults.fault_of, read)
refusal = partial(faults.refusal, read)

MODELS = Path(__file__).parent / "models"
NAMES = ("labels", "tokens", "embedding")
FLOAT, INT64 = 1, 7
OF_TEXTS = {"architectures": ["BertForSequenceClassification"]}
TOKENS = ("input_ids", "attention_mask")
POOLING = "1_Pooling/config.json"


def brief(content: str) -> str:
    """The name of a case, whatever its size."""
    return ascii(content[:30].strip())


def model_of(name: str) -> Path:
    return MODELS / f"hub_{name}" / "model"


def message(number: int, content: bytes | str | int) -> bytes:
    """A field of protobuf that is shorter than 16 KiB."""
    if isinstance(content, int):
        return bytes([number << 3, content])
    content = content.encode() if isinstance(content, str) else content
    size = len(content)
    return bytes([number << 3 | 2, size & 127 | 128, size >> 7]) + content


def value(number: int, name: str, kind: int, dims: Any) -> bytes:
    """An input (11) or an output (12) of a graph."""
    sizes = b"".join(message(1, message(1 if isinstance(dim, int) else 2, dim)) for dim in dims)
    tensor = message(1, kind) + message(2, sizes)
    return message(number, message(1, name) + message(2, message(1, tensor)))


def graph(outputs: Any, inputs: Any = TOKENS, kind: int = INT64, dims: Any = ("n", "s")) -> bytes:
    """An ONNX file with these outputs, by their dims."""
    taken = b"".join(value(11, name, kind, dims) for name in inputs)
    given = b"".join(value(12, name, FLOAT, sizes) for name, sizes in outputs.items())
    return message(1, 8) + message(7, taken + given) + message(8, message(2, 17))


def logits(count: int, *between: str) -> bytes:
    return graph({"logits": ["n", *between, count]})


def hidden(**how: Any) -> bytes:
    return graph({"last_hidden_state": ["n", "s", 6]}, **how)


def folder(path: Path, onnx: bytes | None = None, **files: Any) -> Path:
    """A copy of the folder of labels, with another graph and other JSON files; None takes one away."""
    made = path / "made"
    if not made.exists():
        shutil.copytree(model_of("labels"), made)
    if onnx is not None:
        (made / "model.onnx").write_bytes(onnx)
    for name, content in files.items():
        write(made, f"{name}.json", content)
    return made


def write(made: Path, place: str, content: Any) -> None:
    """A JSON file in a folder."""
    (made / place).parent.mkdir(exist_ok=True)
    if content is None:
        (made / place).unlink()
    else:
        (made / place).write_text(content if isinstance(content, str) else json.dumps(content))


def sentences(path: Path, pooling: Any, *steps: str) -> Path:
    """A folder of sentence-transformers."""
    kinds = ("Transformer", "Pooling", *steps)
    modules = [{"path": "1_Pooling", "type": f"sentence_transformers.models.{k}"} for k in kinds]
    made = folder(path, hidden(), modules=modules)
    write(made, POOLING, pooling)
    return made


def facts(signature: Signature) -> Any:
    """What the page has to know."""
    assert signature.runtime
    return json.loads(json.dumps(signature.runtime.facts))


def named(parts: tuple[Part, ...]) -> list[str]:
    return [part.name for part in parts]


@pytest.mark.parametrize("name", NAMES)
def test_rows_and_answers_of_the_libraries_have_the_fields_of_the_signature(name: str) -> None:
    signature = read(model_of(name))
    known = json.loads((model_of(name).parent / "answers.json").read_text("utf-8"))
    assert [*known["rows"][0]] == named(signature.inputs)
    assert [*known["answers"][0]] == named(signature.outputs)


@pytest.mark.parametrize("name", NAMES)
def test_graph_and_tokenizer_are_kept_beside_each_other(name: str) -> None:
    runtime = read(model_of(name)).runtime
    assert runtime
    assert [file.place for file in runtime.files] == ["model.onnx", "tokenizer.json"]
    assert all(file.path.is_file() for file in runtime.files)
    assert runtime.packages == ("onnxruntime>=1.23", "tokenizers>=0.21")
    assert not runtime.needs_trust


def test_labels_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    labels = {str(place): f"label {place}" for place in reversed(range(12))}
    signature = read(folder(tmp_path, logits(12), config={**OF_TEXTS, "id2label": labels}))
    label, probabilities = signature.outputs
    assert label.labels == tuple(f"label {place}" for place in range(12))
    assert (probabilities.type, probabilities.labels_of) == ("float", "label")
    assert facts(signature)["scores"] == "softmax"


def test_each_of_several_labels_has_a_probability_of_its_own(tmp_path: Path) -> None:
    problem = {"problem_type": "multi_label_classification", "id2label": {"0": "a", "1": "b"}}
    signature = read(folder(tmp_path, logits(2), config={**OF_TEXTS, **problem}))
    assert named(signature.outputs) == ["label", "probabilities"]
    assert facts(signature)["scores"] == "sigmoid"


@pytest.mark.parametrize(("problem", "scores"), [("regression", ""), (None, "sigmoid")])
def test_a_single_label_is_a_number(tmp_path: Path, problem: str | None, scores: str) -> None:
    config = {**OF_TEXTS, "id2label": {"0": "LABEL_0"}, "problem_type": problem}
    signature = read(folder(tmp_path, logits(1), config=config))
    assert [(part.name, part.type) for part in signature.outputs] == [("score", "float")]
    assert facts(signature)["scores"] == scores
    assert bool(signature.notes) == bool(scores)


def test_labels_without_names_are_called_as_transformers_does(tmp_path: Path) -> None:
    signature = read(folder(tmp_path, logits(2), config=OF_TEXTS))
    assert signature.outputs[0].labels == ("LABEL_0", "LABEL_1")
    assert "no names for the labels" in signature.notes[0]


def test_pieces_of_a_text_have_places_and_labels() -> None:
    signature = read(model_of("tokens"))
    assert [(part.type, part.dims) for part in signature.outputs] == [
        ("int32", (None,)),
        ("int32", (None,)),
        ("string", (None,)),
        ("float", (None,)),
    ]
    assert facts(signature)["labels"] == ["O", "B-PER", "I-PER", "B-LOC"]


@pytest.mark.parametrize(
    ("pooling", "how"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        ({"word_embedding_dimension": 6, "pooling_mode_mean_tokens": True}, "mean"),
        ({"pooling_mode_max_tokens": True, "include_prompt": True}, "max"),
        ({"pooling_mode_lasttoken": True}, "last"),
        ({"embedding_dimension": 6, "pooling_mode": "cls"}, "cls"),
    ],
)
def test_tokens_are_pooled_as_the_folder_says(tmp_path: Path, pooling: Any, how: str) -> None:
    signature = read(sentences(tmp_path, pooling))
    assert signature.outputs[0].dims == (6,)
    assert (facts(signature)["pooling"], facts(signature)["is_normalized"]) == (how, False)
    assert not signature.notes


def test_embeddings_are_normalized_where_the_folder_says_so() -> None:
    signature = read(model_of("embedding"))
    assert (facts(signature)["pooling"], facts(signature)["is_normalized"]) == ("mean", True)


def test_without_sentence_transformers_the_mean_is_taken_and_told_of(tmp_path: Path) -> None:
    signature = read(folder(tmp_path, hidden(), config={"architectures": ["BertModel"]}))
    assert facts(signature)["pooling"] == "mean"
    assert "their mean is taken" in signature.notes[0]


def test_a_graph_that_pools_is_left_to_it(tmp_path: Path) -> None:
    outputs = {"token_embeddings": ["n", "s", 6], "sentence_embedding": ["n", 5]}
    made = folder(tmp_path, graph(outputs), config={}, modules=[{"type": "a.Dense"}])
    signature = read(made)
    assert signature.outputs[0].dims == (5,)
    assert facts(signature)["output"] == "sentence_embedding"
    assert facts(signature)["pooling"] == ""


@pytest.mark.parametrize(
    ("files", "longest"),
    [
        ({}, 12),
        ({"config": {**OF_TEXTS, "max_position_embeddings": 8}}, 8),
        ({"tokenizer_config": {"model_max_length": 10**30}}, None),
        ({"tokenizer_config": {"model_max_length": 10}}, 10),
        ({"sentence_bert_config": {"max_seq_length": 5}}, 5),
        (
            {
                "config": {
                    **OF_TEXTS,
                    "model_type": "xlm-roberta",
                    "max_position_embeddings": 514,
                    "pad_token_id": 1,
                },
                "tokenizer_config": {},
            },
            512,
        ),
    ],
)
def test_texts_are_cut_where_the_model_ends(
    tmp_path: Path, files: Any, longest: int | None
) -> None:
    signature = read(folder(tmp_path, logits(2), **{"config": OF_TEXTS, **files}))
    assert facts(signature)["longest"] == longest
    assert (f"after {longest} tokens is left out" in signature.inputs[0].about) == bool(longest)
    assert any("none is cut" in note for note in signature.notes) == (not longest)


def test_a_graph_of_a_fixed_length_has_all_texts_filled_up_to_it(tmp_path: Path) -> None:
    outputs = {"logits": ["n", 2]}
    signature = read(folder(tmp_path, graph(outputs, dims=("n", 16)), config=OF_TEXTS))
    assert (facts(signature)["exactly"], facts(signature)["longest"]) == (16, 16)


@pytest.mark.parametrize(
    ("files", "pad"),
    [
        ({}, ("[PAD]", None)),
        ({"tokenizer_config": {"pad_token": {"content": "<pad>"}}}, ("<pad>", None)),
        ({"special_tokens_map": None, "config": {**OF_TEXTS, "pad_token_id": 3}}, (None, 3)),
    ],
)
def test_short_texts_are_filled_up_with_the_token_for_that(
    tmp_path: Path, files: Any, pad: Any
) -> None:
    signature = read(folder(tmp_path, logits(2), **{"config": OF_TEXTS, **files}))
    assert (facts(signature)["pad_token"], facts(signature)["pad_id"]) == pad


def test_a_prompt_is_put_before_texts_only_if_the_model_always_has_it(tmp_path: Path) -> None:
    made = sentences(tmp_path, {"pooling_mode": "mean"})
    said: dict[str, Any] = {"prompts": {"query": "find: ", "document": ""}}
    write(made, "config_sentence_transformers.json", said)
    signature = read(made)
    assert facts(signature)["prompt"] == ""
    assert '"find: " ("query")' in signature.notes[0]
    write(made, "config_sentence_transformers.json", {**said, "default_prompt_name": "query"})
    assert facts(read(made))["prompt"] == "find: "


def test_one_graph_of_another_name_is_taken_and_of_two_none(tmp_path: Path) -> None:
    made = folder(tmp_path)
    (made / "onnx").mkdir()
    (made / "model.onnx").rename(made / "onnx" / "model_quantized.onnx")
    assert read(made)
    shutil.copy(made / "onnx" / "model_quantized.onnx", made / "onnx" / "model_O3.onnx")
    assert "several ONNX files" in refusal(made)
    assert "copy one of them to model.onnx" in refusal(made)


def test_links_as_in_the_caches_of_hubs_are_followed(tmp_path: Path) -> None:
    blobs, made = tmp_path / "blobs", tmp_path / "snapshots" / "1"
    shutil.copytree(model_of("labels"), blobs)
    made.mkdir(parents=True)
    for path in blobs.iterdir():
        (made / path.name).symlink_to(path)
    assert read(made).outputs == read(model_of("labels")).outputs


def test_a_large_vocabulary_is_not_read(tmp_path: Path) -> None:
    made = folder(tmp_path)
    with (made / "tokenizer.json").open("ab") as file:
        file.truncate(10 << 30)
    began = time.monotonic()
    assert read(made)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("onnx", "files", "words"),
    [
        (None, {"tokenizer": None}, "it has no tokenizer.json; save one with AutoTokenizer"),
        (
            None,
            {"tokenizer": None, "preprocessor_config": {}},
            "it is a model of images or sounds",
        ),
        (None, {"tokenizer": None, "tokenizer_config": None}, "name its ONNX file itself"),
        (None, {"tokenizer": {"a": 1}}, "its tokenizer.json is none of a tokenizer"),
        (hidden(inputs=(*TOKENS, "past_key_values.0.key")), {}, "it is a language model"),
        (hidden(inputs=("pixel_values",)), {}, "it is a model of images"),
        (hidden(inputs=("input_features",)), {}, "it is a model of sounds"),
        (hidden(inputs=(*TOKENS, "bbox")), {}, 'its graph takes "bbox"'),
        (hidden(inputs=("input_ids",)), {}, "its graph does not take attention_mask"),
        (hidden(kind=FLOAT), {}, 'its input "input_ids" is no row of tokens'),
        (hidden(dims=("n", "s", "t")), {}, 'its input "input_ids" is no row of tokens'),
        (hidden(dims=(8, 16)), {}, "its graph takes one fixed number of texts"),
        (logits(9, "s"), {"config": {"architectures": ["AForCausalLM"]}}, "a language model"),
        (logits(9, "s"), {"config": {"architectures": ["AForMaskedLM"]}}, 'answers "logits"'),
        (
            graph({"start_logits": ["n", "s"], "end_logits": ["n", "s"]}),
            {},
            'its graph answers "start_logits", "end_logits"',
        ),
        (logits(4), {}, "config.json has 3 labels, and the graph 4"),
        (
            logits(2),
            {"config": {**OF_TEXTS, "id2label": {"0": "a", "1": "a"}}},
            "two labels in config.json have one name",
        ),
        (
            logits(1),
            {"config": {**OF_TEXTS, "sentence_transformers": {"version": "5.1"}}},
            "it is a cross-encoder",
        ),
        (
            hidden(),
            {"special_tokens_map": None},
            "its tokenizer has no token for padding",
        ),
        (
            graph({"last_hidden_state": ["n", 6]}),
            {},
            'its output "last_hidden_state" has no embedding a token',
        ),
    ],
)
def test_what_cannot_be_served_is_refused_with_what_to_do(
    tmp_path: Path, onnx: bytes | None, files: Any, words: str
) -> None:
    assert words in refusal(folder(tmp_path, onnx, **files))


def test_weights_alone_are_refused_with_the_command_that_exports_them(tmp_path: Path) -> None:
    made = folder(tmp_path)
    (made / "model.onnx").unlink()
    (made / "model.safetensors").write_bytes(b"")
    assert "optimum-cli export onnx --model FOLDER" in refusal(made)
    folder(tmp_path, config={"architectures": ["T5ForConditionalGeneration"]})
    assert "it is a language model" in refusal(made)
    folder(tmp_path, config={})
    (made / "decoder_model.onnx").write_bytes(b"")
    assert "it is a language model" in refusal(made)


def test_steps_that_are_not_in_the_graph_are_refused(tmp_path: Path) -> None:
    made = sentences(tmp_path, {"pooling_mode": "mean"}, "Dense")
    assert 'the step "Dense" of modules.json is not in its graph' in refusal(made)
    write(made, "modules.json", [{"type": "Transformer"}])
    assert "no step of pooling" in refusal(made)
    for pooling in ({"pooling_mode_mean_sqrt_len_tokens": True}, {}, {"pooling_mode": "max cls"}):
        assert "it pools by" in refusal(sentences(tmp_path, pooling))


@pytest.mark.parametrize("place", ["../secret", "/etc", "", "a/b", "x\0"])
def test_steps_are_only_read_inside_the_folder(tmp_path: Path, place: str) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "config.json").write_text('{"pooling_mode": "mean"}')
    made = folder(tmp_path, hidden(), modules=[{"type": "Pooling", "path": place}])
    assert "not as transformers writes them" in refusal(made)


@pytest.mark.parametrize("name", ["config", "tokenizer_config", "special_tokens_map", "modules"])
@pytest.mark.parametrize(
    "content",
    [
        " ",
        "3",
        "[1, {}]",
        "[" * 100_000,
        '{"id2label": [1], "architectures": {}, "pad_token": 3, "prompts": 3}',
        '{"id2label": {"0": 1, "1": "a", "2": "b"}, "architectures": [3]}',
        '{"id2label": {"5": "a"}, "pad_token": "\\ud800"}',
        '{"pad_token": {"content": {}}}',
        "{" + " " * (5 << 20) + "}",
        "\x00",
        "\xff",
    ],
    ids=brief,
)
def test_json_that_is_something_else_is_refused_at_once(
    tmp_path: Path, name: str, content: str
) -> None:
    made = folder(tmp_path, hidden(), config={})
    (made / f"{name}.json").write_text(content, encoding="latin-1")
    began = time.monotonic()
    assert "\n" not in fault_of(made)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("name", NAMES)
def test_changed_bytes_raise_nothing_but_a_source_error(tmp_path: Path, name: str) -> None:
    made = tmp_path / "made"
    shutil.copytree(model_of(name), made)
    chance = random.Random(name)
    files = [path for path in sorted(made.rglob("*")) if path.is_file()]
    for _ in range(200):
        path = chance.choice(files)
        content = path.read_bytes()
        changed = bytearray(content[: chance.randrange(len(content) + 1)] or b" ")
        if chance.random() < 0.7:
            changed = bytearray(content)
        for _ in range(chance.randrange(1, 6)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        path.write_bytes(changed)
        assert "\n" not in fault_of(made)
        path.write_bytes(content)


def test_a_folder_without_a_model_or_none_at_all_is_refused(tmp_path: Path) -> None:
    assert "the folder has no model of a hub" in refusal(tmp_path)
    assert refusal(tmp_path / "gone")
