"""What a file in TorchScript tells, and what it cannot do to its reader."""

import json
import random
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from grpc_ml_template.sources.common.opening import SourceError
from grpc_ml_template.sources.common.signature import Part
from grpc_ml_template.sources.reading import read as read_any
from grpc_ml_template.sources.torch.script import read

MODEL = Path(__file__).parent / "models" / "torch_script" / "model.pt"
CLASS = "class M(Module):\n  training : bool\n  def {header}:\n    return x\n"


def written(path: Path, header: str, class_name: str = "M") -> Path:
    """A model whose `forward` is declared so."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m/data.pkl", f"\x80\x02c__torch__.a.b\n{class_name}\n)".encode("latin-1"))
        archive.writestr(
            "m/code/__torch__/a/b.py", f"class Other(Module):\n{CLASS}".format(header=header)
        )
    return path


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        read_any(path)
    return str(caught.value)


def test_what_goes_in_and_out_has_names_and_no_types() -> None:
    signature = read_any(MODEL)
    assert signature.inputs == (Part("features", ""),)
    assert signature.outputs == (Part("output", ""),)
    assert signature.runtime is not None
    assert signature.runtime.needs_trust
    assert signature.runtime.facts["loader"] == "jit"
    assert any("tells no shapes" in note for note in signature.notes)


def test_rows_and_answers_of_the_library_have_the_fields_of_the_signature() -> None:
    answers = json.loads(MODEL.with_name("answers.json").read_text("utf-8"))
    assert set(answers["rows"][0]) == {"features"}
    assert set(answers["answers"][0]) == {"output"}


def test_arguments_with_a_default_are_left_out(tmp_path: Path) -> None:
    header = "forward(self: __torch__.a.b.M,\n    x: Tensor,\n    y: Tensor,\n    z: Optional[Tensor]=None,\n    k: int=3) -> Tensor"
    signature = read(written(tmp_path / "model.pt", header))
    assert [part.name for part in signature.inputs] == ["x", "y"]


def test_a_tuple_has_an_output_for_each_tensor(tmp_path: Path) -> None:
    header = "forward(self: __torch__.a.b.M,\n    x: Tensor) -> Tuple[Tensor, Tensor]"
    signature = read(written(tmp_path / "model.pt", header))
    assert [part.name for part in signature.outputs] == ["output_0", "output_1"]
    assert signature.runtime is not None
    assert [fact["path"] for fact in signature.runtime.facts["outputs"]] == [[0], [1]]


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("forward(self: M) -> Tensor", "it takes no tensors"),
        ("forward(self: M,\n    x: int) -> Tensor", "its input 'x' is no tensor, but 'int'"),
        ("forward(self: M,\n    x: Tensor) -> Dict[str, Tensor]", "it returns no tensors, but"),
        ("forward(self: M,\n    x: Tensor) -> Tuple[Tensor, int]", "it returns no tensors, but"),
        ("forward(self: M,\n    x: Tensor) -> Tuple[()]", "it returns no tensors, but"),
        ("backward(self: M,\n    x: Tensor) -> Tensor", "its class has no forward"),
        ("forward(self: M,\n    x: Tensor]) -> Tensor", "no whole model in TorchScript"),
    ],
)
def test_what_has_no_tensors_is_refused_with_another_export(
    tmp_path: Path, header: str, fault: str
) -> None:
    message = refusal(written(tmp_path / "model.pt", header))
    assert fault in message
    assert "export it with torch.export.save(" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("piece", "count"), [("(", 15_000), ("-", 15_000), ("x.", 9_000), ("x", 30_000)]
)
def test_annotations_that_cannot_be_are_refused(tmp_path: Path, piece: str, count: int) -> None:
    header = f"forward(self: M,\n    x: {piece * count}x) -> Tensor"
    assert "export it with torch.export.save(" in refusal(written(tmp_path / "model.pt", header))


def test_a_class_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "model.pt", "forward(self: M,\n    x: Tensor) -> Tensor", "N")
    assert "its class has no forward" in refusal(path)


def test_a_file_that_was_cut_off_or_changed_breaks_nothing(tmp_path: Path) -> None:
    whole = MODEL.read_bytes()
    seeded = random.Random(8)
    path = tmp_path / "model.pt"
    for length in range(1, len(whole) - 22, 97):
        path.write_bytes(whole[:length])
        assert refusal(path)
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(seeded.randint(1, 5)):
            content[seeded.randrange(len(content))] = seeded.randrange(256)
        path.write_bytes(content)
        with suppress(SourceError):
            read_any(path)
