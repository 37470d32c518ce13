"""What is read from ONNX files, real ones and hostile ones."""

import json
import os
import random
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from protobuf_wire import field as part
from protobuf_wire import varint

from grpc_ml_template.sources.common.opening import SourceError
from grpc_ml_template.sources.common.signature import Part, Signature
from grpc_ml_template.sources.onnx.reader import read

MODELS = Path(__file__).parent / "models"
NAMES = sorted(path.parent.name for path in MODELS.glob("onnx_*/model.onnx"))
FLOAT, INT64, STRING, BFLOAT16 = 1, 7, 8, 16
SPECIES = ("setosa", "versicolor", "virginica")
Dims = list[Any] | None


def brief(each: object) -> str:
    """The name of a case, whatever its size."""
    return str(each)[:40] if isinstance(each, str | dict) else "bytes"


def value(number: int, name: str, dims: Dims, kind: int = FLOAT) -> bytes:
    """An input (11) or an output (12) of a graph; text in the dims is the name of one."""
    shape = b"" if dims is None else part(2, b"".join(part(1, dim_of(dim)) for dim in dims))
    return part(number, part(1, name) + part(2, part(1, part(1, kind) + shape)))


def dim_of(dim: int | str | None) -> bytes:
    """A dim of a shape."""
    if dim is None:
        return b""
    return part(1, dim) if isinstance(dim, int) else part(2, dim)


def node(operator: str, domain: str = "", *attributes: bytes) -> bytes:
    """A node from x to y."""
    held = b"".join(part(5, each) for each in attributes)
    return part(1, part(1, "x") + part(2, "y") + part(4, operator) + held + part(7, domain))


def tensor(**said: str) -> bytes:
    """A tensor of twelve floats, whose data are in another file."""
    where = b"".join(part(13, part(1, key) + part(2, text)) for key, text in said.items())
    return part(1, 3) + part(1, 4) + part(2, FLOAT) + part(8, "w") + where + part(14, 1)


def model(*parts: bytes, inputs: Any = None, outputs: Any = None) -> bytes:
    """A model with these parts in its graph."""
    inputs = {"x": ["N", 4]} if inputs is None else inputs
    outputs = {"y": ["N", 4]} if outputs is None else outputs
    taken = b"".join(value(11, name, dims) for name, dims in inputs.items())
    given = b"".join(value(12, name, dims) for name, dims in outputs.items())
    return part(1, 8) + part(7, b"".join(parts) + taken + given) + part(8, part(2, 17))


def read_bytes(content: bytes, folder: Path) -> Signature:
    """What is read from a file with this content."""
    path = folder / "a.onnx"
    path.write_bytes(content)
    return read(path)


def refusal(content: bytes, folder: Path) -> str:
    """Why a file with this content is refused."""
    with pytest.raises(SourceError) as caught:
        read_bytes(content, folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def shapes(parts: tuple[Part, ...]) -> dict[str, Any]:
    """The dims of fields, by their names."""
    return {part.name: part.dims for part in parts}


def facts(signature: Signature) -> Any:
    """What the page has to know."""
    assert signature.runtime
    return json.loads(json.dumps(signature.runtime.facts))


def axes(signature: Signature, side: str) -> dict[str, int | None]:
    """The axes of the instances, by the names of the inputs or outputs."""
    return {each["name"]: each["axis"] for each in facts(signature)[side]}


@pytest.mark.parametrize("name", NAMES)
def test_the_answers_of_real_models_fit_what_is_read_from_them(name: str) -> None:
    signature = read(MODELS / name / "model.onnx")
    known = json.loads((MODELS / name / "answers.json").read_text())
    for rows, parts in (("rows", signature.inputs), ("answers", signature.outputs)):
        labels = {each.name: each.labels for each in parts}
        for row in known[rows]:
            assert row.keys() == labels.keys()
            for each in parts:
                if each.labels:
                    assert row[each.name] in each.labels
                else:
                    dims = (len(labels[each.labels_of]),) if each.labels_of else each.dims
                    assert_shape(row[each.name], dims)


def assert_shape(content: Any, dims: tuple[int | None, ...] | None) -> None:
    """Nested lists have this shape."""
    for dim in dims or ():
        assert isinstance(content, list)
        assert dim in (None, len(content))
        content = content[0]
    assert not isinstance(content, list)


def test_a_classifier_has_an_enum_and_a_value_for_each_label() -> None:
    signature = read(MODELS / "onnx_iris_tensor" / "model.onnx")
    assert signature.inputs == (Part("X", "float", (4,)),)
    assert signature.outputs == (
        Part("label", "enum", labels=("-10", "0", "10")),
        Part("probabilities", "float", labels_of="label"),
    )
    assert facts(signature) == {
        "inputs": [{"name": "X", "dtype": "float32", "axis": 0, "is_column": False, "rank": 2}],
        "outputs": [
            {
                "name": "label",
                "form": "tensor",
                "axis": 0,
                "is_column": False,
                "rank": 1,
                "labels": "int",
            },
            {
                "name": "probabilities",
                "form": "tensor",
                "axis": 0,
                "is_column": False,
                "rank": 2,
                "labels": None,
                "order": ["-10", "0", "10"],
            },
        ],
        "takes": "batch",
        "locale": False,
    }
    assert signature.runtime
    assert signature.runtime.packages == ("onnxruntime>=1.23",)
    assert not signature.notes


def test_maps_of_a_zipmap_become_values_for_the_labels() -> None:
    signature = read(MODELS / "onnx_iris_zipmap" / "model.onnx")
    assert signature.outputs == (
        Part("output_label", "enum", labels=SPECIES),
        Part("output_probability", "float", labels_of="output_label"),
    )
    assert [each["form"] for each in facts(signature)["outputs"]] == ["tensor", "map"]
    assert "zipmap" in signature.notes[0]


def test_a_first_dim_of_one_is_called_for_one_at_a_time() -> None:
    signature = read(MODELS / "onnx_iris_fixed" / "model.onnx")
    assert facts(signature)["takes"] == "fixed"
    assert shapes(signature.inputs) == {"X": (4,)}
    assert signature.outputs[0].labels == SPECIES
    assert "one at a time" in signature.notes[0]


def test_a_column_of_a_table_is_one_value() -> None:
    signature = read(MODELS / "onnx_columns" / "model.onnx")
    types = [("age", "float"), ("kids", "int64"), ("city", "string")]
    assert signature.inputs == tuple(Part(name, type_) for name, type_ in types)
    assert all(each["is_column"] for each in facts(signature)["inputs"])
    assert [each["dtype"] for each in facts(signature)["inputs"]] == ["float32", "int64", "object"]


def test_a_forest_has_as_many_targets_as_its_node_says() -> None:
    one = read(MODELS / "onnx_regressor" / "model.onnx")
    two = read(MODELS / "onnx_regressor_two" / "model.onnx")
    assert one.outputs == (Part("variable", "float"),)
    assert two.outputs == (Part("variable", "float", (2,)),)
    assert [facts(each)["outputs"][0]["is_column"] for each in (one, two)] == [True, False]


def test_text_in_a_locale_that_may_be_missing_is_told_of() -> None:
    signature = read(MODELS / "onnx_text" / "model.onnx")
    assert facts(signature)["locale"]
    assert signature.runtime
    assert signature.runtime.packages == ("onnxruntime>=1.23",)
    assert "C.UTF-8" in signature.notes[0]


def test_a_locale_that_every_system_has_needs_no_change(tmp_path: Path) -> None:
    good = node("StringNormalizer", "", part(1, "locale") + part(4, "C.UTF-8"))
    bad = node("StringNormalizer", "", part(1, "locale") + part(4, "en_US.UTF-8"))
    assert not facts(read_bytes(model(good), tmp_path))["locale"]
    assert facts(read_bytes(model(bad), tmp_path))["locale"]


def test_half_precision_stays() -> None:
    signature = read(MODELS / "onnx_half" / "model.onnx")
    assert [each.type for each in (*signature.inputs, *signature.outputs)] == ["float16"] * 2


def test_sizes_of_an_example_are_a_whole_instance() -> None:
    signature = read(MODELS / "onnx_whole" / "model.onnx")
    assert facts(signature)["takes"] == "whole"
    assert shapes(signature.inputs) == {"a": (3, 4), "b": (3, 4)}
    assert axes(signature, "outputs") == {"sum": None}


def test_a_state_has_its_instances_along_another_axis() -> None:
    signature = read(MODELS / "onnx_state" / "model.onnx")
    assert facts(signature)["takes"] == "batch"
    assert shapes(signature.inputs) == {"input": (None,), "state": (2, 4), "sr": None}
    assert axes(signature, "inputs") == {"input": 0, "state": 1, "sr": None}
    assert shapes(signature.outputs) == {"output": None, "stateN": (2, 4)}
    assert axes(signature, "outputs") == {"output": 0, "stateN": 1}
    assert "'sr'" in signature.notes[0]


def test_a_state_of_one_layer_is_known_by_the_name_of_its_dim(tmp_path: Path) -> None:
    inputs = {"x": ["batch", "T"], "h": [1, "batch", 8], "c": [1, "batch", 8]}
    signature = read_bytes(model(inputs=inputs, outputs={"y": ["batch", 1, 2]}), tmp_path)
    assert axes(signature, "inputs") == {"x": 0, "h": 1, "c": 1}
    assert shapes(signature.outputs) == {"y": (1, 2)}


def test_a_length_beside_a_leading_one_stays(tmp_path: Path) -> None:
    inputs = {"sound": ["length", 576], "h": [1, 1, 8]}
    signature = read_bytes(model(inputs=inputs, outputs={"speech": ["length"]}), tmp_path)
    assert facts(signature)["takes"] == "fixed"
    assert shapes(signature.inputs) == {"sound": (None, 576), "h": (1, 8)}
    assert shapes(signature.outputs) == {"speech": (None,)}


def test_a_count_of_boxes_in_one_picture_stays(tmp_path: Path) -> None:
    content = model(inputs={"image": [1, 3, 64, 64]}, outputs={"boxes": ["n", 4], "all": [1, 9]})
    signature = read_bytes(content, tmp_path)
    assert shapes(signature.inputs) == {"image": (3, 64, 64)}
    assert shapes(signature.outputs) == {"boxes": (None, 4), "all": (9,)}
    assert axes(signature, "outputs") == {"boxes": None, "all": 0}


def test_instances_in_the_middle_of_an_output_are_found(tmp_path: Path) -> None:
    content = model(inputs={"x": [None, 4]}, outputs={"y": [3, None, 2], "anchors": [9, 4]})
    signature = read_bytes(content, tmp_path)
    assert shapes(signature.outputs) == {"y": (3, 2), "anchors": (9, 4)}
    assert axes(signature, "outputs") == {"y": 1, "anchors": None}


def test_an_output_without_a_shape_is_a_flat_list_and_told_of(tmp_path: Path) -> None:
    signature = read_bytes(model(outputs={"y": None}), tmp_path)
    assert shapes(signature.outputs) == {"y": (None,)}
    assert facts(signature)["outputs"][0]["rank"] is None
    assert "'y'" in signature.notes[0]


def made(operator: str, inputs: list[str], output: str) -> bytes:
    """A node between values that have names."""
    given = b"".join(part(1, name) for name in inputs)
    return part(1, given + part(2, output) + part(4, operator))


def test_a_reshape_tells_of_more_axes_than_the_file(tmp_path: Path) -> None:
    size = part(1, 1) + part(2, INT64) + part(7, 10) + part(8, "letters")
    content = model(
        made("Concat", ["length", "rows", "letters"], "shape"),
        made("Unsqueeze", ["l"], "length"),
        made("Unsqueeze", ["r"], "rows"),
        made("Reshape", ["x", "shape"], "y"),
        part(5, size),
        inputs={"x": [1, 1, 64, "width"]},
        outputs={"y": [1, "length"]},
    )
    signature = read_bytes(content, tmp_path)
    assert shapes(signature.outputs) == {"y": (None, None, 10)}
    assert axes(signature, "outputs") == {"y": None}


@pytest.mark.parametrize("raw", [False, True])
def test_a_reshape_to_a_constant_tells_of_its_axes(raw: bool, tmp_path: Path) -> None:
    sizes = (-1, 2, 3)
    held = b"".join(size.to_bytes(8, "little", signed=True) for size in sizes)
    numbers = part(9, held) if raw else b"".join(part(7, size % 2**64) for size in sizes)
    constant = part(1, 3) + part(2, INT64) + part(8, "shape") + numbers
    content = model(made("Reshape", ["x", "shape"], "y"), part(5, constant), outputs={"y": None})
    assert shapes(read_bytes(content, tmp_path).outputs) == {"y": (2, 3)}


def test_sizes_that_depend_on_what_is_asked_are_left_open(tmp_path: Path) -> None:
    content = model(
        made("Expand", ["x", "shape"], "y"),
        made("StringNormalizer", ["x"], "words"),
        inputs={"x": [4], "shape": [2]},
        outputs={"y": [3, 4], "words": [1, 3]},
    )
    found = shapes(read_bytes(content, tmp_path).outputs)
    assert found == {"y": (None, None), "words": (1, None)}


def test_outputs_that_are_of_one_value_have_one_shape(tmp_path: Path) -> None:
    content = model(
        made("Sigmoid", ["x"], "scores"),
        made("Binarizer", ["scores"], "any"),
        made("Cast", ["any"], "labels"),
        outputs={"scores": ["N", 4], "labels": ["N"]},
    )
    assert shapes(read_bytes(content, tmp_path).outputs) == {"scores": (4,), "labels": (4,)}


def test_inputs_with_initial_values_are_not_asked_for(tmp_path: Path) -> None:
    weights = part(5, part(1, 4) + part(2, FLOAT) + part(8, "w") + part(9, bytes(16)))
    signature = read_bytes(model(weights, inputs={"x": ["N", 4], "w": [4]}), tmp_path)
    assert shapes(signature.inputs) == {"x": (4,)}


def classifier(operator: str, folder: Path) -> tuple[Part, ...]:
    """The outputs of a classifier of three labels: its own two, and one made of its scores."""
    labels = part(1, "classlabels_strings") + b"".join(part(9, label) for label in "abc")
    held = part(1, "x") + part(2, "label") + part(2, "probs") + part(4, operator)
    made = part(1, held + part(5, labels) + part(7, "ai.onnx.ml"))
    mixed = part(1, part(1, "probs") + part(2, "pairs") + part(4, "Gather"))
    values = value(12, "label", ["N"], STRING) + value(12, "pairs", ["N", 3])
    return read_bytes(model(made, mixed, values, outputs={"probs": ["N", 3]}), folder).outputs


def test_only_scores_in_the_order_of_the_labels_are_values_for_them(tmp_path: Path) -> None:
    label, pairs = Part("label", "enum", labels=("a", "b", "c")), Part("pairs", "float", (3,))
    linear = classifier("LinearClassifier", tmp_path)
    assert linear == (label, pairs, Part("probs", "float", labels_of="label"))
    # Without probabilities, its scores are those of pairs of labels.
    vectors = classifier("SVMClassifier", tmp_path)
    assert vectors == (label, pairs, Part("probs", "float", (3,)))


@pytest.mark.parametrize("labels", [("a", "a"), ("a", " ")])
def test_labels_that_an_enum_cannot_have_leave_plain_text(
    labels: tuple[str, str], tmp_path: Path
) -> None:
    held = part(1, "classlabels_strings") + b"".join(part(9, label) for label in labels)
    tree = node("TreeEnsembleClassifier", "ai.onnx.ml", held)
    content = model(tree, value(12, "y", ["N"], STRING), outputs={})
    assert read_bytes(content, tmp_path).outputs == (Part("y", "string"),)


def test_classes_in_the_metadata_are_told_of(tmp_path: Path) -> None:
    names = {place: f"class {place}" for place in range(40)}
    content = model(outputs={"y": ["N", 40]}) + part(14, part(1, "names") + part(2, str(names)))
    about = read_bytes(content, tmp_path).outputs[0].about
    assert about.startswith("In the order of class 0, class 1, ")
    assert about.endswith(", ...")
    assert len(about) < 160


@pytest.mark.parametrize(
    "text",
    [
        "{0:" * 20000,
        "-" * 60000,
        "1" + "+1" * 30000,
        "{}",
        "[1]",
        "{{}}",
        "{0: 1, 1: 2, 2: 3, 3: 0x" + "f" * 9999 + "}",
    ],
    ids=brief,
)
def test_metadata_that_are_no_classes_are_let_be(text: str, tmp_path: Path) -> None:
    content = model() + part(14, part(1, "names") + part(2, text))
    assert not read_bytes(content, tmp_path).outputs[0].about


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (model(inputs={}), "takes no inputs"),
        (model(inputs={"x": ["N", 0]}), "has a 0 in it"),
        (model(inputs={"x": None}), "'x' has no shape"),
        (model(value(11, "z", [2], BFLOAT16)), "is of type bfloat16"),
        (model(value(11, "z", [2], 99)), "is of an unknown type"),
        (model(value(11, "x", [2])), "have one name"),
        (model(inputs={"x": [1] * 10}), "more than 8 axes"),
        (model(inputs={"x": [1, 2**40]}), "elements"),
        (model(part(12, part(1, "z") + part(2, part(4, part(1, part(1, b"")))))), "is a sequence"),
        (model(part(12, part(1, "z") + part(2, part(4, part(1, part(5, b"")))))), "has maps"),
        (model(node("Tokenize", "ai.onnx.contrib")), "onnxruntime-extensions"),
        (model(node("Adam", "ai.onnx.preview.training")), "has no operator 'Adam'"),
        (model(node("Attention", "my.own")), "has no operator 'Attention' of 'my.own'"),
    ],
    ids=brief,
)
def test_what_no_schema_can_say_is_refused(content: bytes, fault: str, tmp_path: Path) -> None:
    assert fault in refusal(content, tmp_path)


def test_operators_that_the_file_defines_are_taken(tmp_path: Path) -> None:
    function = part(25, part(1, "Attention") + part(10, "my.own"))
    assert read_bytes(model(node("Attention", "my.own")) + function, tmp_path).outputs


def test_files_with_tensors_keep_their_places() -> None:
    folder = MODELS / "onnx_external"
    runtime = read(folder / "model.onnx").runtime
    assert runtime
    assert [(each.path, each.place) for each in runtime.files] == [
        (folder / "model.onnx", "model.onnx"),
        (folder / "weights" / "w.bin", "weights/w.bin"),
    ]


def test_tensors_in_other_files_are_found_in_attributes_and_inner_graphs(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(bytes(48))
    constant = node("Constant", "", part(1, "value") + part(5, tensor(location="w")))
    inner = node("If", "", part(1, "then_branch") + part(6, constant))
    for content in (model(constant), model(inner)):
        runtime = read_bytes(content, tmp_path).runtime
        assert runtime
        assert [each.place for each in runtime.files] == ["model.onnx", "w"]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"location": "../w"}, "outside"),
        ({"location": "/etc/passwd"}, "outside"),
        ({"location": "a\\..\\..\\w"}, "outside"),
        ({"location": "C:w"}, "outside"),
        ({"location": ""}, "outside"),
        ({"location": "a\nb"}, "outside"),
        ({"location": ".git/config"}, "outside"),
        ({"location": "Model.onnx"}, "called model.onnx"),
        ({"location": "none"}, "is not there"),
        ({"location": "link"}, "link out of"),
        ({"location": "folder"}, "is no file"),
        ({"location": "pipe"}, "is no file"),
        ({"location": "w", "offset": "1"}, "has 48 bytes, not 49"),
        ({"location": "w", "length": str(2**40)}, "has 48 bytes"),
        ({"location": "w", "offset": "-1"}, "no proper place"),
        ({"location": "w", "offset": "9" * 60000}, "no proper place"),
    ],
    ids=brief,
)
def test_files_with_tensors_have_to_be_beside_the_model(
    said: dict[str, str], fault: str, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "w").write_bytes(bytes(48))
    (folder / "folder").mkdir()
    (tmp_path / "outside").write_bytes(bytes(48))
    (folder / "link").symlink_to(tmp_path / "outside")
    os.mkfifo(folder / "pipe")
    assert fault in refusal(model(part(5, tensor(**said))), folder)


def test_the_cache_of_a_hub_with_its_links_is_taken(tmp_path: Path) -> None:
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshots" / "1"
    blobs.mkdir()
    snapshot.mkdir(parents=True)
    (blobs / "m").write_bytes(model(part(5, tensor(location="w.data"))))
    (blobs / "d").write_bytes(bytes(48))
    (snapshot / "model.onnx").symlink_to(blobs / "m")
    (snapshot / "w.data").symlink_to(blobs / "d")
    runtime = read(snapshot / "model.onnx").runtime
    assert runtime
    assert runtime.files[1].path == snapshot / "w.data"


def test_three_gigabytes_of_weights_are_passed_over(tmp_path: Path) -> None:
    path, size = tmp_path / "large.onnx", 3 * 2**30
    head = part(8, "w") + varint(9 << 3 | 2) + varint(size)
    rest = value(11, "x", ["N", 4]) + value(12, "y", ["N", 4])
    inner = varint(5 << 3 | 2) + varint(len(head) + size) + head
    with path.open("wb") as file:
        file.write(varint(7 << 3 | 2) + varint(len(inner) + size + len(rest)) + inner)
        file.seek(size, os.SEEK_CUR)
        file.write(rest)
    start = time.process_time()
    assert shapes(read(path).inputs) == {"x": (4,)}
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize("name", ["onnx_iris_zipmap", "onnx_text", "onnx_external", "onnx_state"])
def test_a_file_that_is_cut_off_is_refused(name: str, tmp_path: Path) -> None:
    content = (MODELS / name / "model.onnx").read_bytes()
    graph_end = content.index(b"B", len(content) - 60)
    for end in range(1, graph_end, 7):
        refusal(content[:end], tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_changed_files_are_read_or_refused(name: str, tmp_path: Path) -> None:
    drawn = random.Random(name)
    content = (MODELS / name / "model.onnx").read_bytes()
    for _ in range(60):
        changed = bytearray(content)
        for _ in range(drawn.choice((1, 1, 3))):
            at = drawn.randrange(len(changed))
            changed[at : at + drawn.randrange(3)] = drawn.randbytes(drawn.randrange(3))
        with suppress(SourceError):
            read_bytes(bytes(changed), tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"\x00",
        b"PK\x03\x04" + bytes(100),
        b"\x80" * 10**6,
        varint(7 << 3 | 2) + varint(2**40),
        varint(7 << 3 | 2) + varint(2**64 - 1) + bytes(99),
        part(7, 5),
        part(7, b"\x0b" * 100),
        part(7, b"\xff" * 11),
        model(part(1, part(4, b"\xff\xfe"))),
        model(part(11, part(1, 7))),
        model(inputs={"x": ["N" * 2**21, 4]}),
    ],
    ids=brief,
)
def test_bytes_that_are_no_model_are_refused(content: bytes, tmp_path: Path) -> None:
    refusal(content, tmp_path)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (model(part(1, b"") * 600_000), "fields of protobuf"),
        (model(value(11, "z", [1] * 600_000)), "fields of protobuf"),
        (model(part(1, part(1, "n" * 60000)) * 1000), "names are too long"),
    ],
    ids=brief,
)
def test_a_file_that_would_take_long_is_refused_soon(
    content: bytes, fault: str, tmp_path: Path
) -> None:
    start = time.process_time()
    assert fault in refusal(content, tmp_path)
    assert time.process_time() - start < 2


def test_graphs_nested_without_end_are_refused(tmp_path: Path) -> None:
    inner = b""
    for _ in range(500):
        inner = node("If", "", part(1, "then_branch") + part(6, inner))
    assert "nested" in refusal(model(inner), tmp_path)
