"""Samples of inputs in NumPy's files."""

import io
import zipfile
from functools import partial
from pathlib import Path

import faults
import numpy as np
import pytest

from grpc_ml_template.sources.common.signature import Part, Signature
from grpc_ml_template.sources.samples.numpy_files import read

refusal = partial(faults.refusal, read)

SAMPLES = Path(__file__).parent / "samples"


def saved(path: Path, array: np.ndarray) -> Signature:
    np.save(path / "a.npy", array)
    return read(path / "a.npy")


def with_header(path: Path, header: str, version: bytes = b"\1\0") -> Path:
    text = header.encode("latin-1")
    size = len(text).to_bytes(2 if version == b"\1\0" else 4, "little")
    path = path / "a.npy"
    path.write_bytes(b"\x93NUMPY" + version + size + text)
    return path


def test_an_array_is_a_tensor_with_instances_first() -> None:
    found = read(SAMPLES / "matrix.npy")
    assert found.inputs == (Part("x", "double", (4,)),)
    assert found.rows[1] == {"x": [4.0, 5.0, 6.0, 7.0]}
    assert found.notes == ("The first axis is taken as that of instances, of which there are 3.",)
    assert read(SAMPLES / "columns.npy").inputs == found.inputs
    assert read(SAMPLES / "columns.npy").rows == ()


def test_columns_of_records_are_fields() -> None:
    found = read(SAMPLES / "records.npy")
    assert found.inputs == (
        Part("id", "int32"),
        Part("my value", "double"),
        Part("text", "string"),
        Part("pair", "float", (2,)),
        Part("flag", "bool"),
    )
    # The second has a NaN.
    assert found.rows == (
        {"id": 1, "my value": 2.5, "text": "äb", "pair": [1.0, 2.0], "flag": True},
    )


def test_each_array_of_an_archive_is_a_field() -> None:
    found = read(SAMPLES / "arrays.npz")
    assert found.inputs == (Part("x", "float", (2, 2)), Part("y", "bytes"))
    assert found.rows[2] == {"x": [[1.0, 1.0], [1.0, 1.0]], "y": b"c"}


@pytest.mark.parametrize(
    ("dtype", "kind"),
    [
        ("f2", "float16"),
        (">f4", "float"),
        ("i1", "int8"),
        ("u2", "uint16"),
        (">u8", "uint64"),
        ("?", "bool"),
        ("U2", "string"),
        ("S2", "bytes"),
    ],
)
def test_types_and_values(tmp_path: Path, dtype: str, kind: str) -> None:
    array = np.array([1, 0], dtype)
    found = saved(tmp_path, array)
    assert found.inputs == (Part("x", kind),)
    assert [row["x"] for row in found.rows] == array.tolist()


def test_only_small_instances_are_kept_as_examples(tmp_path: Path) -> None:
    assert len(saved(tmp_path, np.zeros((30, 1_000))).rows) == 16
    assert saved(tmp_path, np.zeros((30, 1_001))).rows == ()
    assert saved(tmp_path, np.zeros((0, 3))).rows == ()


def test_texts_without_characters(tmp_path: Path) -> None:
    fields = "[('a', '<U0'), ('b', '|S0', (2,)), ('c', '<i4')]"
    path = with_header(tmp_path, f"{{'descr': {fields}, 'fortran_order': False, 'shape': (1,)}}")
    path.write_bytes(path.read_bytes() + bytes(4))
    assert read(path).rows == ({"a": "", "b": [b"", b""], "c": 0},)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.array(1.0), '"x" is one value; save arrays of instances'),
        (np.zeros(2, complex), '"x" has values of the type "<c16", which no field has; save num'),
        (np.zeros(2, "M8[D]"), '"x" has values of the type "<M8[D]", which no field has'),
        (np.zeros((2, 0)), '"x" has sizes that no field has'),
        (np.zeros((1,) * 10), '"x" has sizes that no field has'),
        (np.zeros(2, [("a", [("b", "f4")])]), '"a" has records within records'),
        (np.zeros(2, [(("title", "a"), "f4")]), '"x" has columns with titles'),
        (np.zeros((2, 2), [("a", "f4")]), '"x" is a table of records; save a list'),
    ],
)
def test_arrays_that_no_field_can_carry(tmp_path: Path, array: np.ndarray, words: str) -> None:
    np.save(tmp_path / "a.npy", array)
    assert refusal(tmp_path / "a.npy").startswith(words)


def test_objects_are_refused_unread() -> None:
    assert refusal(SAMPLES / "objects.npy").startswith('"x" has values of the type "|O", which no')


def test_arrays_of_different_lengths_are_refused() -> None:
    assert refusal(SAMPLES / "uneven.npz").startswith(
        'its arrays have different numbers of instances ("x" 3, "y" 4); save the arrays of the inp'
    )


@pytest.mark.parametrize(
    "header",
    [
        "",
        "1",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (True,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': [2]}",
        "{'descr': '<U0', 'fortran_order': False, 'shape': (" + "9" * 4_000 + ",)}",
        "{'descr': [('a', '<f4', 3)], 'fortran_order': False, 'shape': (0,)}",
        "{'descr': [('a',)], 'fortran_order': False, 'shape': (0,)}",
        "__import__('os').system('true')",
        "(" * 60_000,
        "-" * 60_000 + "1",
        "[" * 50 + "]" * 50,
        "1" * 60_000,
        "{{}: 1}",
        "'\0'",
    ],
    ids=lambda header: header[:30],
)
@pytest.mark.parametrize("version", [b"\1\0", b"\2\0", b"\3\0"])
def test_broken_headers_are_refused(tmp_path: Path, header: str, version: bytes) -> None:
    words = "its header is broken, or the array is cut off; save it again"
    assert refusal(with_header(tmp_path, header, version)) == words


def test_archives_that_are_none_of_numpy(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(b"PK\3\4" + b"\0" * 100)
    assert refusal(path).startswith("the archive is broken")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "text")
    assert refusal(path) == "it is no array of NumPy; save it with numpy.save"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(101):
            archive.writestr(f"{number}.npy", "")
    assert refusal(path).startswith("it has more than 100 arrays")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.npy", "")
    assert "slow to expand" in refusal(path)
    with zipfile.ZipFile(path, "w"):
        pass
    assert refusal(path).startswith("the archive has no arrays")


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    content = io.BytesIO()
    np.save(content, np.zeros((1_000, 10)))
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", content.getvalue() + bytes(50 << 20))
    assert read(path).inputs == (Part("x", "double", (10,)),)
