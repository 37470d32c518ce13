"""What a program of PyTorch tells, and what it cannot do to its reader."""

import json
import random
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import faults
import pytest

from grpc_ml_template.sources.common.opening import SourceError
from grpc_ml_template.sources.common.signature import Part, Signature
from grpc_ml_template.sources.reading import read as read_any
from grpc_ml_template.sources.torch.export import read

fault_of = partial(faults.fault_of, read_any)

MODELS = Path(__file__).parent / "models"
GRAPH = "/models/model.json"
Change = Callable[[dict[str, Any]], None]


def model_of(name: str) -> Path:
    return MODELS / f"torch_{name}" / "model.pt2"


def facts_of(signature: Signature) -> Any:
    assert signature.runtime is not None
    return signature.runtime.facts


def placed(signature: Signature, side: str) -> list[tuple[str, int | None]]:
    """The name of each tensor, and the axis that the instances lie along."""
    return [(fact["name"], fact["axis"]) for fact in facts_of(signature)[side]]


def written(path: Path, name: str, graph: bytes) -> Path:
    """A program whose graph is another text."""
    with zipfile.ZipFile(model_of(name)) as kept, zipfile.ZipFile(path, "w") as archive:
        for entry in kept.namelist():
            archive.writestr(entry, graph if entry.endswith(GRAPH) else kept.read(entry))
    return path


def graph_of(name: str) -> bytes:
    with zipfile.ZipFile(model_of(name)) as archive:
        [entry] = (entry for entry in archive.namelist() if entry.endswith(GRAPH))
        return archive.read(entry)


def read_changed(tmp_path: Path, name: str, change: Change) -> Signature:
    """What a program says once its graph was changed."""
    graph = json.loads(graph_of(name))
    change(graph)
    return read(written(tmp_path / "model.pt2", name, json.dumps(graph).encode()))


def refusal(tmp_path: Path, name: str, change: Change) -> str:
    with pytest.raises(SourceError) as caught:
        read_changed(tmp_path, name, change)
    return str(caught.value)


def values(graph: dict[str, Any]) -> Any:
    return graph["graph_module"]["graph"]["tensor_values"]


def test_a_symbol_in_the_first_place_of_all_inputs_is_the_batch_and_its_range_bounds_it() -> None:
    signature = read(model_of("batch"))
    assert signature.inputs == (Part("features", "float", (4,)),)
    assert signature.outputs == (Part("output", "float", (3,)),)
    assert facts_of(signature)["takes"] == "batch"
    assert facts_of(signature)["at_most"] == 4


def test_a_batch_without_an_end_takes_any_number() -> None:
    assert facts_of(read(model_of("half")))["at_most"] is None


def test_what_loads_it_is_at_least_as_new_as_what_has_written_it() -> None:
    signature = read(model_of("batch"))
    assert signature.runtime is not None
    assert signature.runtime.packages == ("torch>=2.13",)
    assert any("UV_TORCH_BACKEND=cpu" in note for note in signature.notes)


def test_loading_needs_trust_since_shapes_are_evaluated_and_samples_unpickled() -> None:
    signature = read(model_of("batch"))
    assert signature.runtime is not None
    assert signature.runtime.needs_trust


def test_nested_tensors_are_fields_that_are_called_as_the_keys_that_lead_to_them() -> None:
    signature = read(model_of("nested"))
    longest = "Its sizes go up to 16"
    assert signature.inputs == (
        Part("words_tokens", "int64", (None,), about=longest),
        Part("words_mask", "bool", (None,), about=longest),
        Part("pair_0", "float", (4,)),
        Part("pair_1", "float"),
    )
    assert signature.outputs == (
        Part("first", "float", (4,)),
        Part("more_0", "int64"),
        Part("more_1_0", "float"),
    )
    words = {"tokens": {"input": "words_tokens"}, "mask": {"input": "words_mask"}}
    pair = [{"input": "pair_0"}, {"input": "pair_1"}]
    positional = [{"dict": words}, {"tuple": pair}, {"constant": 2}]
    assert facts_of(signature)["arguments"] == {"tuple": [{"tuple": positional}, {"dict": {}}]}
    paths = [fact["path"] for fact in facts_of(signature)["outputs"]]
    assert paths == [["first"], ["more", 0], ["more", 1, 0]]
    assert "1 of its answers are no tensors, and are left out." in signature.notes


def test_one_value_an_instance_may_have_an_axis_of_its_own_and_half_the_bits() -> None:
    signature = read(model_of("half"))
    assert signature.inputs == (Part("value", "float"),)
    (fact,) = facts_of(signature)["inputs"]
    assert (fact["dtype"], fact["cast"], fact["is_column"]) == ("float32", "bfloat16", True)


def test_a_state_has_its_instances_along_another_axis_and_a_shared_value_along_none() -> None:
    signature = read(model_of("state"))
    assert placed(signature, "inputs") == [("sound", 0), ("state", 1), ("rate", None)]
    assert placed(signature, "outputs") == [("output_0", 0), ("output_1", 1)]
    assert signature.inputs[1] == Part("state", "float", (1, 3))


def test_a_first_size_of_1_is_one_instance_a_call() -> None:
    signature = read(model_of("picture"))
    assert facts_of(signature)["takes"] == "fixed"
    assert signature.inputs == (Part("picture", "float", (1, 4, 4)),)
    assert signature.outputs == (Part("output", "float", (2,)),)


def test_any_other_fixed_size_is_a_part_of_one_instance() -> None:
    signature = read(model_of("whole"))
    assert facts_of(signature)["takes"] == "whole"
    assert signature.inputs == (Part("matrix", "float", (3, 2)),)
    assert signature.outputs == (Part("output_0", "float"), Part("output_1", "float", (3, 3)))
    assert any("dynamic_shapes={'x': {0: Dim('batch')}}" in note for note in signature.notes)


def test_a_batch_that_has_to_be_large_is_refused(tmp_path: Path) -> None:
    def change(graph: dict[str, Any]) -> None:
        [span] = graph["range_constraints"].values()
        span["min_val"] = 3

    assert "at least; export it with Dim('batch'), without min" in refusal(
        tmp_path, "batch", change
    )


def test_a_size_that_is_worked_out_from_symbols_is_no_batch(tmp_path: Path) -> None:
    def change(graph: dict[str, Any]) -> None:
        size = values(graph)["features"]["sizes"][0]["as_expr"]
        size["expr_str"] = f"Mul(Integer(2), {size['expr_str']})"

    signature = read_changed(tmp_path, "batch", change)
    assert facts_of(signature)["takes"] == "whole"
    assert signature.inputs[0].dims == (None, 4)


@pytest.mark.parametrize("name", ["train", "training"])
def test_a_model_in_training_is_refused(tmp_path: Path, name: str) -> None:
    def change(graph: dict[str, Any]) -> None:
        node = graph["graph_module"]["graph"]["nodes"][0]
        node["inputs"].append({"name": name, "arg": {"as_bool": True}, "kind": 1})

    assert "call model.eval() before torch.export.export" in refusal(tmp_path, "batch", change)


def test_a_model_that_counts_its_calls_is_refused(tmp_path: Path) -> None:
    def change(graph: dict[str, Any]) -> None:
        buffer = {"arg": {"name": "b_calls"}, "buffer_name": "calls", "persistent": True}
        graph["graph_module"]["signature"]["input_specs"].insert(0, {"buffer": buffer})
        graph["graph_module"]["graph"]["nodes"].append(
            {
                "target": "torch.ops.aten.add_.Tensor",
                "inputs": [{"name": "self", "arg": {"as_tensor": {"name": "b_calls"}}}],
            }
        )

    assert "it changes with each call" in refusal(tmp_path, "batch", change)


def test_operators_of_other_packages_are_refused_by_name(tmp_path: Path) -> None:
    def change(graph: dict[str, Any]) -> None:
        graph["graph_module"]["graph"]["nodes"][0]["target"] = "torch.ops.torchvision.nms.default"

    assert "it needs the operators of torchvision" in refusal(tmp_path, "batch", change)


def test_a_model_on_another_device_is_refused(tmp_path: Path) -> None:
    def change(graph: dict[str, Any]) -> None:
        values(graph)["features"]["device"]["type"] = "cuda"

    assert "for the device 'cuda'; move the model" in refusal(tmp_path, "batch", change)


@pytest.mark.parametrize("dtype", [9, 29, 0, "7", None])
def test_types_that_numpy_does_not_have_are_refused(tmp_path: Path, dtype: Any) -> None:
    def change(graph: dict[str, Any]) -> None:
        values(graph)["features"]["dtype"] = dtype

    assert "cast it to float32" in refusal(tmp_path, "batch", change)


def test_a_number_that_varies_is_refused(tmp_path: Path) -> None:
    def change(graph: dict[str, Any]) -> None:
        spec = graph["graph_module"]["signature"]["input_specs"][-1]
        spec["user_input"]["arg"] = {"as_sym_int": {"as_name": "s0"}}

    assert "with tensors in the place of numbers" in refusal(tmp_path, "batch", change)


def test_containers_of_other_packages_are_refused(tmp_path: Path) -> None:
    def change(graph: dict[str, Any]) -> None:
        root = graph["graph_module"]["module_call_graph"][0]["signature"]
        node = {"type": "transformers.ModelOutput", "context": "[]", "children_spec": []}
        root["out_spec"] = json.dumps([1, node])

    assert "takes or returns a transformers.ModelOutput;" in refusal(tmp_path, "batch", change)


def test_other_files_of_pytorch_are_refused_with_the_call_that_writes_one(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    for name in ("m/data.pkl", "m/data/aotinductor/model/x.so", "serialized_exported_program.json"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, b"{}")
        assert "save it with torch.export.save(torch.export.export(model" in fault_of(path)


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    whole = model_of("nested").read_bytes()
    path = tmp_path / "model.pt2"
    for length in range(1, len(whole) - 22, 211):
        path.write_bytes(whole[:length])
        assert fault_of(path)


def test_no_change_to_a_graph_breaks_its_reader(tmp_path: Path) -> None:
    whole = graph_of("nested")
    seeded = random.Random(6)
    signs = b'0123456789 :=[]{},"\n-eE\x00\xff()tfn'
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(seeded.randint(1, 4)):
            content[seeded.randrange(len(content))] = seeded.choice(signs)
        assert "\n" not in fault_of(written(tmp_path / "model.pt2", "nested", bytes(content)))


def test_no_value_in_the_place_of_another_breaks_the_reader(tmp_path: Path) -> None:
    seeded = random.Random(7)
    others: tuple[Any, ...] = (
        None,
        True,
        -1,
        2**70,
        1.5,
        "",
        "x",
        [],
        {},
        [[]],
        {"as_int": "1"},
        "\ud800",
    )
    for turn in range(400):
        graph = json.loads(graph_of("nested"))
        places = [*spots(graph)]
        for container, key in seeded.sample(places, 1 + turn % 2):
            container[key] = seeded.choice(others)
        path = written(tmp_path / "model.pt2", "nested", json.dumps(graph).encode())
        assert "\n" not in fault_of(path)


def spots(value: Any) -> Any:
    """All places in what JSON holds."""
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield value, key
        if isinstance(inner, dict | list):
            yield from spots(inner)


@pytest.mark.parametrize(
    ("piece", "count"), [("[", 200_000), ("{},", 5_000_000), ("[],", 5_000_000), ('{"a":1}', 1)]
)
def test_graphs_that_cannot_be_are_refused_at_once(tmp_path: Path, piece: str, count: int) -> None:
    path = tmp_path / "model.pt2"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"m{GRAPH}", f"{piece * count}")
    began = time.monotonic()
    assert fault_of(path)
    assert time.monotonic() - began < 1
