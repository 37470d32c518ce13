"""Samples of inputs in Parquet files."""

import struct
from pathlib import Path

import pytest

from grpc_ml_template.sources.common.opening import SourceError
from grpc_ml_template.sources.common.signature import Part
from grpc_ml_template.sources.samples.parquet import read
from grpc_ml_template.sources.samples.tables import ALL_ARE_INPUTS

SAMPLES = Path(__file__).parent / "samples"


def test_columns_of_pandas_without_its_index() -> None:
    found = read(SAMPLES / "pandas.parquet")
    assert found.inputs == (
        Part("mean radius", "double", default="nan", about="1.5 to 2.5 in the sample."),
        Part("rooms", "int64", about="1 to 3 in the sample."),
        Part("small", "int8", about="1 to 3 in the sample."),
        Part("large", "uint64", about="1 to 9223372036854775809 in the sample."),
        Part("ratio", "float", about="0.5 to 2.5 in the sample."),
        Part("city", "string", default='""'),
        Part("is_new", "bool"),
        Part("is_sold", "bool"),
        Part("day", "string"),
        Part("kind", "string"),
        Part("raw", "bytes"),
        Part("count", "double", default="nan", about="1 to 3 in the sample."),
    )
    assert found.notes == (
        'May be missing, and are NaN then: "mean radius", "count".',
        'May be missing, and are "" then: "city".',
        'Required, though some rows have no value: "is_sold".',
        'Text, since the schema language has no dates and times: "day".',
        'Left out, as the index: "key".',
        'Text, since the file does not list the categories; answer inputs= with an enum: "kind".',
        ALL_ARE_INPUTS,
    )


def test_columns_of_polars() -> None:
    assert read(SAMPLES / "polars.parquet").inputs == (
        Part("a", "double", default="nan", about="1 to 2 in the sample."),
        Part("b", "string"),
        Part("u", "uint8", about="1 to 3 in the sample."),
        Part("l", "double", (None,)),
        Part("f", "float", about="1 to 3 in the sample."),
        Part("t", "string"),
    )


@pytest.mark.parametrize("name", ["lists", "old"])
def test_lists_are_tensors(name: str) -> None:
    found = read(SAMPLES / f"{name}.parquet")
    assert found.inputs[:3] == (
        Part("vector", "double", (None,)),
        Part("matrix", "int32", (None, None)),
        Part("words", "string", (None,)),
    )
    assert [part.type for part in found.inputs[3:]] == ["double", "float16"][
        : 1 + (name == "lists")
    ]
    assert 'Doubles, since the schema language has no decimals: "price".' in found.notes


def test_structs_are_refused() -> None:
    with pytest.raises(
        SourceError, match=r'^"home" is a struct or a map; write the fields of a st'
    ):
        read(SAMPLES / "struct.parquet")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PAR1", "it is no whole Parquet file; save it again"),
        (b"PAR1" + b"\0" * 100, "it is no whole Parquet file; save it again"),
        (b"PARE" + b"\0" * 100 + b"PARE", "it is encrypted; save it without encryption"),
        (b"PAR1" + struct.pack("<I", 100) + b"PAR1", "it is no whole Parquet file"),
        (b"PAR1" + struct.pack("<I", 2**32 - 1) + b"PAR1", "its description of the columns is l"),
        (b"PAR1\0" + struct.pack("<I", 1) + b"PAR1", "it lists no columns"),
        (b"PAR1\x19\xfc\xff\xff\xff\xff\x7f" + struct.pack("<I", 7) + b"PAR1", "its description"),
        (b"PAR1" + b"\x1c" * 200 + struct.pack("<I", 200) + b"PAR1", "its description"),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "sample.parquet"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read(path)
    assert str(caught.value).startswith(words)
