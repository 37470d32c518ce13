"""Models are found where they may be, and told from others by their content."""

from pathlib import Path

import pytest
from engine.models.files import checksum_of, model_path, version_of
from engine.models.locales import model_type, with_locale


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """The file of a module in a project."""
    package = tmp_path / "project" / "src" / "package"
    package.mkdir(parents=True)
    return package / "model.py"


def test_a_model_is_beside_its_module_or_in_the_projects_folder(module: Path) -> None:
    folder = module.parents[2] / "model"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"large")
    assert model_path(str(module), "model.onnx") == folder / "model.onnx"
    module.with_name("model.onnx").write_bytes(b"small")
    assert model_path(str(module), "model.onnx") == module.with_name("model.onnx")


def test_a_setting_names_another_one(
    module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module.with_name("model.onnx").write_bytes(b"small")
    other = tmp_path / "other.onnx"
    monkeypatch.setenv("SERVER_MODEL_PATH", str(other))
    with pytest.raises(FileNotFoundError, match="SERVER_MODEL_PATH names its file"):
        model_path(str(module), "model.onnx")
    other.write_bytes(b"other")
    assert model_path(str(module), "model.onnx") == other
    with pytest.raises(ValueError, match="is another model: its checksum is"):
        model_path(str(module), "model.onnx", "0123")
    assert model_path(str(module), "model.onnx", checksum_of(other)) == other


def test_two_models_have_one_version_only_if_they_are_the_same(tmp_path: Path) -> None:
    one, other, third = (tmp_path / name for name in ("one", "other", "third"))
    for folder in (one, other, third):
        (folder / "inner").mkdir(parents=True)
        (folder / "inner" / "weights").write_bytes(b"1")
        (folder / "graph").write_bytes(b"2")
    (other / "__pycache__").mkdir()
    (other / "__pycache__" / "x.pyc").write_bytes(b"3")
    (third / "inner" / "weights").rename(third / "weights")
    assert version_of(one) == version_of(other) != version_of(third)
    assert version_of(one / "graph") != version_of(one / "inner" / "weights")
    assert len(version_of(one)) == 12


def test_a_locale_is_set_and_all_else_is_kept() -> None:
    model = model_type()()
    node = model.graph.node.add(op_type="StringNormalizer")
    node.attribute.add(name="case_change_action", s=b"LOWER", type=3)
    node.attribute.add(name="locale", s=b"en_US", type=3)
    model.graph.node.add(op_type="Add")
    unknown = b"\x08\x09"  # The version of the format, which the type does not know.
    found = model_type().FromString(with_locale(unknown + model.SerializeToString(), "C.UTF-8"))
    [normalizer, add] = found.graph.node
    assert {each.name: each.s for each in normalizer.attribute} == {
        "case_change_action": b"LOWER",
        "locale": b"C.UTF-8",
    }
    assert not add.attribute
    assert found.SerializeToString().endswith(unknown) or unknown in found.SerializeToString()
