"""Whatever bytes a sample has, its reader answers with a signature or with one line."""

import math
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grpc_ml_template.project.schemas import parse_schema
from grpc_ml_template.sources.common.json_text import json_kind
from grpc_ml_template.sources.common.opening import SourceError
from grpc_ml_template.sources.common.signature import Part, Signature
from grpc_ml_template.sources.samples import csv_files as samples_csv
from grpc_ml_template.sources.samples import json_rows as samples_json
from grpc_ml_template.sources.samples import json_schema, numpy_files, parquet

SAMPLES = Path(__file__).parent / "samples"
LONGEST_SECONDS = 2
LONGEST_REFUSAL = 2_000
MUTATIONS = 200
CSV = b'a,"b c",d\n1,"x, y",2024-01-01\n2,"z\n",NA\n,"""",true\n'
ROWS = b'[{"a": 1, "b": [1.5, 2], "c": "x"}, {"a": null, "b": [3, 4], "c": "y"}]'
LINES = b'{"a": 1, "b": [1.5, 2]}\n{"a": null, "b": [3]}\n'
YAML = b"""openapi: 3.0.0
properties:
  a: {type: number, nullable: true, enum: [1, 2.5, null]}
  b: {anyOf: [{$ref: "#/$defs/B"}, {type: "null"}], default: x}
$defs:
  B: {type: string, enum: [x, "y"]}
"""
READERS: dict[str, tuple[Callable[[Path], Signature], bytes]] = {
    "sample.csv": (samples_csv.read, CSV),
    "rows.json": (samples_json.read, ROWS),
    "rows.jsonl": (samples_json.read, LINES),
    "schema.yaml": (json_schema.read, YAML),
    "schema.json": (json_schema.read, (SAMPLES / "customer.json").read_bytes()),
    **{
        name: (parquet.read, (SAMPLES / name).read_bytes())
        for name in ("pandas.parquet", "polars.parquet", "lists.parquet")
    },
    **{
        name: (numpy_files.read, (SAMPLES / name).read_bytes())
        for name in ("matrix.npy", "records.npy", "arrays.npz")
    },
}


def mutations(content: bytes) -> Iterator[bytes]:
    """The content cut off at many places, and with bytes changed, put in and taken out."""
    for end in range(0, len(content), max(1, len(content) // 60)):
        yield content[:end]
    draw = random.Random(7)
    for _ in range(MUTATIONS):
        changed = bytearray(content)
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(len(changed))
            piece = bytes(draw.choices(range(256), k=draw.randint(0, 3)))
            changed[at : at + draw.randint(0, 3)] = draw.choice(
                [piece, b"\xff" * 4, b"9" * 30, b'"', b"\\", b"\0", b"[", b"}"]
            )
        yield bytes(changed)


def check_reading(read: Callable[[Path], Signature], path: Path) -> None:
    """Read a file, soon, into a signature or one line."""
    start = time.process_time()
    refusal = ""
    try:
        check(read(path))
    except SourceError as error:
        refusal = str(error)
    assert time.process_time() - start < LONGEST_SECONDS
    assert "\n" not in refusal
    assert len(refusal) < LONGEST_REFUSAL


def check(found: Signature) -> None:
    """What holds for every signature."""
    names = [part.name for part in found.inputs]
    assert names
    assert len(set(names)) == len(names)
    for row in found.rows:
        assert list(row) == names
        assert not any(isinstance(value, float) and math.isnan(value) for value in row.values())
    assert not any("\n" in note for note in found.notes)


@pytest.mark.parametrize("name", READERS)
def test_broken_files_are_refused_in_one_line(tmp_path: Path, name: str) -> None:
    read, content = READERS[name]
    path = tmp_path / name
    for broken in mutations(content):
        path.write_bytes(broken)
        check_reading(read, path)
        json_kind(memoryview(broken))


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 3_000_000,
        b"[{}" + b",{}" * 1_500_000 + b"]",
        b'{"a":1}\n' * 200_000,
        b"".join(b'{"c%d":1}\n' % number for number in range(1_990)) * 20,
        b"{}\n" * 1_000_000,
        b"a\n" * 1_000_000,
        b"," * 1_000_000 + b"\n1",
        b"a,b\n" + b"1,\n" * 1_000_000,
        b"a,b\n" + b"x" * 30_000_000,
        b'a,"' * 1_000_000,
        b'{"$ref": "#", "properties": {"a": {"$ref": "#"}}}',
        b'{"properties": {"a": ' * 500 + b"1" + b"}}" * 500,
        b"- " * 500_000,
        b"? " * 500_000,
        b"a: &a\n" * 100_000,
    ],
    ids=lambda content: repr(content[:12]),
)
@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.jsonl", "schema.json", "schema.yaml"])
def test_large_files_are_read_or_refused_soon(tmp_path: Path, name: str, content: bytes) -> None:
    readers = {"a.csv": samples_csv.read, "a.json": samples_json.read, "a.jsonl": samples_json.read}
    path = tmp_path / name
    path.write_bytes(content)
    check_reading(readers.get(name, json_schema.read), path)
    json_kind(memoryview(content))


@pytest.mark.parametrize("name", ["columns.npy", "struct.parquet", "customer.json"])
def test_a_file_of_another_kind_is_refused(name: str) -> None:
    path, right = SAMPLES / name, {".npy": numpy_files, ".parquet": parquet, ".json": json_schema}
    for reader in (samples_csv, samples_json, json_schema, parquet, numpy_files):
        if reader is not right[path.suffix]:
            with pytest.raises(SourceError):
                reader.read(path)


@pytest.mark.parametrize(
    "read", [samples_csv.read, samples_json.read, json_schema.read, parquet.read, numpy_files.read]
)
def test_what_is_no_file_is_refused(tmp_path: Path, read: Callable[[Path], Signature]) -> None:
    for path in (tmp_path, tmp_path / "none", Path("/dev/zero"), Path("a\0b")):
        with pytest.raises(SourceError):
            read(path)


@pytest.mark.parametrize("name", sorted(set(READERS) - {"schema.yaml"}))
def test_parts_are_as_the_schema_language_has_them(tmp_path: Path, name: str) -> None:
    read, content = READERS[name]
    (tmp_path / name).write_bytes(content)
    parts = read(tmp_path / name).inputs
    text = "\n".join(f"f{number}x: {written(part)}" for number, part in enumerate(parts))
    assert len(parse_schema(text, "inputs", outputs=False).fields) == len(parts)


def written(part: Part) -> str:
    """A part as the schema language writes it."""
    labels = "(" + ", ".join(f'"{label}"' for label in part.labels) + ")" if part.labels else ""
    dims = ",".join("?" if dim is None else str(dim) for dim in part.dims or ())
    return f"{part.type}{labels}{f'[{dims}]' if dims else ''}" + (
        f" = {part.default}" if part.default else ""
    )
