"""Schemas of every kind, and names of every length, to bake projects of."""

from pathlib import Path

SCHEMAS = Path(__file__).resolve().parent / "schemas"


def from_files(name: str) -> dict[str, str]:
    """Return the answers that name two files of schemas/."""
    return {"inputs": f"@{SCHEMAS / name}.txt", "outputs": f"@{SCHEMAS / name}_out.txt"}


def many(count: int, kinds: list[str]) -> str:
    """Return a schema of many fields, which take turns to be of these kinds."""
    lines = [f"feature_{i}: {kinds[i % len(kinds)]}" for i in range(count)]
    return "\n".join(lines)


# Each is as small as its kind allows, so that what only other kinds need is left out.
SAMPLES: dict[str, dict[str, str]] = {
    "iris": {},
    "one": {"inputs": "x: float", "outputs": "y: float"},
    "integers": {"inputs": "a: int8, b: uint64 ..9 = 3, c: int32", "outputs": "y: int16"},
    "floats": {"inputs": "a: float16, b: double 0.1.., c: float = nan", "outputs": "y: float16"},
    "edges": {"inputs": "a: float 0.7..0.8, b: float16[2] 0.1..0.7", "outputs": "y: float"},
    "flags": {"inputs": "a: bool, b: bool = false", "outputs": "y: bool"},
    "strings": {"inputs": 'a: string, b: string = ""', "outputs": "y: string"},
    "bytes": {"inputs": 'a: bytes, b: bytes = ""', "outputs": "y: bytes"},
    "enums": {"inputs": "a: enum(x, y), b: enum(x) = x", "outputs": "a: enum(x, y)"},
    "enum_in": {"inputs": "a: enum(x, y)", "outputs": "y: float"},
    "enum_out": {"inputs": "a: float", "outputs": "y: enum(x, y)"},
    "vectors": {"inputs": "a: float[3] 0..1, b: int8[2,2] = 1", "outputs": "y: float[3]"},
    "texts": {"inputs": "a: string[2], b: bytes[2]", "outputs": "y: string[2], z: bytes[3]"},
    "unknown": {"inputs": "a: float[?], b: int32[2,?]", "outputs": "y: float[?], z: bool[?,2]"},
    "unknown_texts": {"inputs": "a: string[?]", "outputs": "y: bytes[?]"},
    "ragged": {"inputs": "a: float[?,?]", "outputs": "y: uint8[?,?,3]"},
    "image": {"inputs": "a: image", "outputs": "y: image"},
    "sized_image": {"inputs": "a: image[8,9,1]", "outputs": "y: image[8,9,4]"},
    "image_in": {"inputs": "a: image[8,9,3]", "outputs": "y: enum(cat, dog), p: float[2]"},
    "mixed": {
        "inputs": "x: float[3,?], kind: enum(a, b) = a",
        "outputs": "y: float[?], note: string",
    },
    "kitchen": from_files("kitchen"),
    "words": from_files("words"),
    "many": {
        "inputs": many(300, ["float 0..1", "int32 = 3", "enum(a, b)", "string", "float[3]"]),
        "outputs": many(100, ["float", "enum(c, d)", "int64[2]"]),
    },
}

SHORTEST = {"model_name": "A", "project_slug": "a", "package_name": "a", "description": "A"}
LONGEST = {
    "model_name": "Abcdefghi " * 4,
    "project_slug": "abcdefghi-" * 3 + "abcdefghij",
    "package_name": "abcdefghi_" * 3 + "abcdefghij",
    "description": "What it does, told at a length that no line can hold, " * 4,
    "author": "Ada Lovelace and all who came after her, " * 3,
}


def with_long_fields(fields: list[str], length: int) -> str:
    """Return a schema of these fields, with every name drawn out to this length."""
    parts = [field.split(": ", 1) for field in fields]
    return ", ".join(f"{name.ljust(length, 'x')}: {kind}" for name, kind in parts)
