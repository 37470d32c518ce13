"""Models and samples that are broken, or whose words are taken for something else."""

import json
import os
import random
import shutil
import struct
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from baking import TEMPLATE
from hostile_files import Hostile, Make, file, zipped
from protobuf_wire import field as held
from protobuf_wire import varint

SAVED = TEMPLATE / "tests" / "sources"
MODELS, SAMPLES = SAVED / "models", SAVED / "samples"
FLOAT, TEXT = 1, 8


# ONNX, as far as it is needed here


def value(name: str, dims: Sequence[int | str] = ("n", 1), kind: int = FLOAT) -> bytes:
    """What a graph takes or gives: a tensor."""
    shape = b"".join(
        held(1, held(1, dim) if isinstance(dim, int) else held(2, dim)) for dim in dims
    )
    return held(1, name) + held(2, held(1, held(1, kind) + held(2, shape)))


def onnx(
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
    tensors: Sequence[bytes] = (),
    more: bytes = b"",
) -> bytes:
    """A model."""
    graph = held(1, held(1, "x") + held(2, "y") + held(4, "Identity")) + held(2, "graph")
    graph += b"".join(held(5, tensor) for tensor in tensors)
    graph += b"".join(held(11, each) for each in inputs)
    graph += b"".join(held(12, each) for each in outputs)
    return held(1, 8) + held(8, held(1, "") + held(2, 17)) + held(7, graph) + more


def external(location: str, length: str = "4", offset: str = "0") -> bytes:
    """A tensor that is in another file."""
    said = {"location": location, "offset": offset, "length": length}
    return (
        held(1, 1) + held(2, FLOAT) + held(8, "w") + held(14, 1)
        + b"".join(held(13, held(1, key) + held(2, text)) for key, text in said.items())
    )  # fmt: skip


def onnx_files() -> Iterator[Hostile]:
    """Models in ONNX that are broken, or that lead elsewhere."""
    x, y = [value("x")], [value("y")]
    for name, content in {
        "of nothing": held(1, 8), "of no graph": held(1, 8) + held(8, held(2, 17)),
        "of no inputs": onnx([], y), "of no outputs": onnx(x, []), "of two names": onnx(x * 2, y),
        "of no names": onnx([value("")], y), "of 3,000 inputs": onnx([value(f"x{n}") for n in range(3_000)], y),
        "of 3,000 outputs": onnx(x, [value(f"y{n}") for n in range(3_000)]), "of type 99": onnx([value("x", kind=99)], y),
        "of type 0": onnx([value("x", kind=0)], y), "of bfloat16": onnx([value("x", kind=16)], y),
        "of dim 0": onnx([value("x", ("n", 0))], y), "of a negative dim": onnx([value("x", ("n", 2**64 - 5))], y),
        "of a wide dim": onnx([value("x", ("n", 2**62))], y), "of 99 dims": onnx([value("x", [2] * 99)], y),
        "of 100,000 dims": onnx([value("x", [2] * 100_000)], y), "of no shape": onnx([held(1, "x") + held(2, held(1, held(1, 1)))], y),
        "of no type": onnx([held(1, "x")], y), "of a sequence": onnx([held(1, "x") + held(2, held(4, held(1, b"")))], y),
        "of a name of 2 MB": onnx([value("x" * 2_000_000)], y), "of a name that is no text": onnx([held(1, b"\xff\xfe") + value("")[2:]], y),
        "of a length of 1 TB": held(1, 8) + varint(7 << 3 | 2) + varint(1 << 40) + b"x", "of endless varints": b"\x08" + b"\xff" * 999,
        "of groups": b"\x08\x08" + b"\x3b" * 9_999, "of depth": _nested(7, 4_000), "of field 0": b"\x08\x08\x02\x00",
        "of a million fields": held(1, 8) + held(7, held(2, "g") * 700_000), "of a million metadata": onnx(x, y, more=held(14, b"") * 600_000),
        "of a foreign operator": onnx(x, y).replace(b"Identity", b"\x1b[31m{}{"), "of fields that travel otherwise": held(1, "8") + held(7, 7) + held(8, 8),
    }.items():  # fmt: skip
        yield Hostile(f"onnx {name}", file("m.onnx", content))
    for location in (
        "../w.bin", "/etc/passwd", "a/../../w.bin", "missing.bin", "", ".", "w\0.bin", "\x1b[31m", "C:\\w", "..\\w",
        "a" * 300, "a/" * 3_000, "link.bin", "inner/link.bin", "fifo.bin", "folder.bin", "zero.bin", "model.onnx", "MODEL.ONNX/x",
        "//host/w", "~/w", "w#1", "[red]{{ 1 }}",
    ):  # fmt: skip
        content = onnx(x, y, [external(location)])
        yield Hostile(f"onnx with weights at {location[:20]!r}", _with_weights(content))
    for length, offset in (("1099511627776", "0"), ("-1", "0"), ("4", "9" * 30), ("x", "0"), ("4", "\u0664"), ("1e3", "0"), ("4", "1099511627776")):  # fmt: skip
        content = onnx(x, y, [external("small.bin", length, offset)])
        yield Hostile(f"onnx with weights of {length} from {offset[:9]}", _with_weights(content))
    many = onnx(x, y, [external(f"w{number}.bin") for number in range(10_001)])
    yield Hostile("onnx with 10,001 files", _with_weights(many))


def _nested(number: int, depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        content = held(number, content)
    return held(1, 8) + content


def _with_weights(content: bytes) -> Make:
    def make(folder: Path) -> str:
        inner = folder / "given"
        (inner / "inner").mkdir(parents=True)
        (folder / "w.bin").write_bytes(bytes(99))
        (inner / "small.bin").write_bytes(bytes(8))
        (inner / "link.bin").symlink_to("../w.bin")
        (inner / "inner" / "link.bin").symlink_to("/etc/passwd")
        (inner / "zero.bin").symlink_to("/dev/zero")
        (inner / "folder.bin").mkdir()
        os.mkfifo(inner / "fifo.bin")
        return file("given/m.onnx", content)(folder)

    return make


# Documents


def documents(canary: Path) -> Iterator[Hostile]:
    """Documents in JSON and YAML, and models of XGBoost and LightGBM, broken."""
    tag = f"!!python/object/apply:os.system ['touch {canary}']"
    for name, text in {
        "a tag": tag, "a tag in a schema": f"$schema: x\nproperties: {tag}\n", "an alias": "properties: &a {b: *a}\n",
        "laughs": "a: &a [x]\n" + "".join(f"{n}: &{n} [*{p}, *{p}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)),
        "two documents": "a: 1\n---\nb: 2\n", "a merge": "<<: {a: b}\n", "depth": "[" * 100_000, "depth of maps": "{a: " * 50_000,
        "a key of a list": "[a, b]: c\n", "a tab": "a:\n\t- b\n", "a control character": "a: \x01\n", "a directive": "%YAML 9.9\n---\na: b\n",
        "a wide number": "properties: {a: {type: number, maximum: " + "9" * 99_999 + "}}\n", "no text": "a: \xff",
        "an include": "properties: !include /etc/passwd\n", "binary": "properties: !!binary aGk=\n", "nothing": "\n# only words\n",
        "many anchors": "a: &a\n" * 99_999, "a ref elsewhere": "$ref: /etc/passwd\n",
    }.items():  # fmt: skip
        yield Hostile(f"yaml with {name}", file("m.yaml", text.encode("latin-1")))
    ref = {"$ref": "#/properties/a"}
    schemas: dict[str, dict[str, object]] = {
        "a loop": {"$ref": "#"}, "a loop of two": {"properties": {"a": ref}}, "a file": {"$ref": "file:///etc/passwd"},
        "an address": {"$ref": "http://localhost:9/x.json"}, "no properties": {"properties": {}}, "a list": {"properties": []},
        "3,000 properties": {"properties": {f"p{n}": {"type": "number"} for n in range(3_000)}},
        "a pattern": {"properties": {"a": {"type": ["string", "object"], "pattern": "(a+)+$"}}},
        "an object": {"properties": {"a": {"type": "object"}}}, "a markup": {"properties": {"[red]\x1b": {"type": "object"}}},
        "doubling": {"$defs": {"a0": {}} | {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n - 1}"}] * 9} for n in range(1, 20)}, "$ref": "#/$defs/a19"},
        "wide arrays": {"properties": {"a": {"type": "array", "items": {"type": "number"}, "minItems": 10**30, "maxItems": 10**30}}},
        "many labels": {"properties": {"a": {"enum": [f"l{n}" for n in range(100_000)]}}},
        "labels of controls": {"properties": {"a": {"enum": ["\x1b[31m", "\n"]}}},
        "a text of controls": {"properties": {"a\x1b[31m": {"type": "number"}}}, "surrogates": {"properties": {"\ud800": {"type": "number"}}},
    }  # fmt: skip
    for name, schema in schemas.items():
        yield Hostile(
            f"schema with {name}", file("m.json", json.dumps({"$schema": "x", **schema}).encode())
        )
        yield Hostile(
            f"schema in part with {name}",
            _pointed("m.json", json.dumps(schema).encode(), "#/no/\x1b[31m[red]"),
        )
    for name, raw in {
        "depth": b"[" * 300_000, "depth of objects": b'{"a":' * 99_999, "a half": b'{"learner": {"attributes"', "constants": b"[NaN, Infinity]",
        "long digits": b'[{"a": ' + b"9" * 99_999 + b"}]", "no end": b'[{"a": 1},' * 9_999, "a lone surrogate": b'[{"\\ud800": 1}]',
        "an escape": b'[{"\\u001b[31m": 1}]', "6 MB": b'[{"a": "' + b"x" * 6_000_000 + b'"}]', "objects": b'[{"a": {}}]', "a list": b"[[1]]", "words": b'["a"]',
        "many columns": json.dumps([{f"c{n}": 1 for n in range(3_000)}]).encode(), "nothing": b"{}", "empty": b"[]", "null": b"null", "bom": b"\xef\xbb\xbf",
        "uneven": b'[{"a": [1, [2]]}]', "mixed": b'[{"a": 1}, {"a": "b"}]', "huge": b'[{"a": 1e999}]', "keys twice": b'[{"a": 1, "a": {}}]',
        "a learner": b'{"learner": {"gradient_booster": {"model": {"trees": [', "a proto": b'{"__proto__": {"a": 1}, "properties": 1}',
    }.items():  # fmt: skip
        yield Hostile(f"json with {name}", file("m.json", raw))
    yield from boosters()
    for fragment in (
        "#/components/schemas/No",
        "#",
        "#/",
        "#//",
        "#/~2",
        "#/%00",
        "#" + "/a" * 9_999,
        "#/[red]",
        "#/{{ 1 }}",
        "#x",
    ):
        yield Hostile(
            f"fragment {fragment[:20]}",
            _pointed(
                "openapi.json",
                b'{"openapi": "3.0.0", "components": {"schemas": {"A": {}}}}',
                fragment,
            ),
        )
    yield Hostile(
        "fragment of a model", _pointed("m.onnx", onnx([value("x")], [value("y")]), "#/x")
    )


def _pointed(name: str, content: bytes, fragment: str) -> Make:
    return lambda folder: file(name, content)(folder) + fragment


def boosters() -> Iterator[Hostile]:
    """Models of XGBoost and LightGBM, broken."""
    whole = (MODELS / "xgboost_categories_json" / "model.json").read_bytes()
    for name, old, new in (
        ("no such type", b'"float","int"', b'"\x1b[31m","int"'), ("a wide count", b'"num_feature":"5"', b'"num_feature":"99999999999999"'),
        ("a negative count", b'"num_feature":"5"', b'"num_feature":"-5"'), ("names twice", b'"visits"', b'"mean radius"'),
        ("names of objects", b'"visits"', b'{"a":1}'), ("offsets back", b"0,4,9,19,22", b"22,19,9,4,0"), ("wide offsets", b"0,4,9", b"0,4,99999999999"),
        ("values of texts", b"[98,108", b'["b",108'), ("depth", b'"mean radius"', b"[" * 99_999), ("no trees", b'"trees":', b'"treez":'),
        ("digits", b'"num_feature":"5"', b'"num_feature":"' + b"9" * 99_999 + b'"'), ("no version", b'"version"', b'"revision"'),
    ):  # fmt: skip
        start, found, end = whole.rpartition(old)
        assert found
        yield Hostile(f"xgboost with {name}", file("m.json", start + new + end))
    for name, raw in {
        "1 TB of names": b"{L" + struct.pack(">q", 1 << 40) + b"x", "a negative length": b"{L" + struct.pack(">q", -1), "depth": b"{L" + struct.pack(">q", 1) + b"a" + b"[" * 99_999,
        "1 TB of numbers": b"{L" + struct.pack(">q", 1) + b"a[$d#L" + struct.pack(">q", 1 << 40), "nothings": b"{L" + struct.pack(">q", 1) + b"a[#L" + struct.pack(">q", 1 << 40) + b"Z" * 999_999,
        "trees": b"{L" + struct.pack(">q", 5) + b"trees[" * 9_999, "other sizes": b"{i\x05treesi\x05", "typed nothings": b"{i\1a[$Z#L" + struct.pack(">q", 1 << 40),
    }.items():  # fmt: skip
        yield Hostile(f"ubjson with {name}", file("m.ubj", raw))
    text = (MODELS / "lightgbm_regression" / "model.txt").read_bytes()
    for name, old, new in (
        ("a wide count", b"max_feature_idx=3", b"max_feature_idx=999999999999"), ("digits", b"max_feature_idx=3", b"max_feature_idx=" + b"9" * 99_999),
        ("names twice", b"Column_1", b"Column_0"), ("classes", b"num_class=1", b"num_class=999999999"), ("no trees", b"\nTree=", b"\nTrees="), ("a cut", b"\nend of trees", b"\n\0" * 2_000_000),
        ("other categories", b"pandas_categorical:null", b"pandas_categorical:" + b"[" * 99_999),
        ("names of controls", b"Column_1", b"a\x1b[31mb"), ("no text", b"Column_1", b"\xff\xfe"), ("a wide range", b"feature_infos=[", b"feature_infos=[1:" + b"9" * 99_999),
        ("no infos", b"feature_infos=", b"feature_info="), ("3,000 names", b"feature_names=", b"feature_names=" + b"a " * 3_000),
    ):  # fmt: skip
        assert old in text
        yield Hostile(f"lightgbm with {name}", file("m.txt", text.replace(old, new)))


# Samples


def samples() -> Iterator[Hostile]:
    """Tables and arrays that no fields can be made of."""
    for name, raw in {
        "quotes": b'a,"b\n1,2\n', "uneven": b"a,b\n1,2\n3\n", "names twice": b"a,a\n1,2\n", "no names": b"1,2\n3,4\n", "a long line": b"a" * 3_000_000,
        "3,000 columns": b",".join(b"c%d" % n for n in range(3_000)) + b"\n" + b",".join([b"1"] * 3_000), "no rows": b"a,b\n", "blanks": b" \n \n",
        "nul": b"a,b\n1,\0\n", "no utf-8": b"a,\xff\n1,2\n", "utf-16": "a,b\n".encode("utf-16"), "controls": b"\x1b[31ma,b\n1,2\n", "markup": b"[red]a,[red]a\n1,2\n",
        "formulas": b"=cmd|x,=cmd|x\n1,2\n", "quotes in quotes": b'a,b\n"' + b'""' * 999_999, "empty cells": b"a,b\n,\n,\n", "no name": b"a,,b\n1,2,3\n", "commas": b"a;b\n1,2;3\n4,5;6\n",
        "a wide cell": b"a,b\n1," + b"x" * 999_999 + b"\n", "carriage returns": b"a,b\r1,2\r" * 9, "bell": b"a\x07,b\n1,2\n", "delete": b"a,\x7f\n1,2\n",
    }.items():  # fmt: skip
        yield Hostile(f"csv with {name}", file("m.csv", raw))
    for name, raw in {
        "a broken line": b'{"a": 1}\n{"a":\n', "a list": b"[1]\n", "depth": b'{"a": ' + b"[" * 99_999 + b"\n{}", "a long line": b'{"a": "' + b"x" * 2_000_000 + b'"}\n',
        "many keys": b"".join(b'{"k%d": 1}\n' % n for n in range(9_999)), "nothing": b"\n\n", "controls": b'{"\\u001b[31m": 1}\n{"\\u001b[31m": {}}\n', "no utf-8": b'{"\xff": 1}\n',
    }.items():  # fmt: skip
        yield Hostile(f"jsonl with {name}", file("m.jsonl", raw))
    for name, header in {
        "code": "__import__('os').system('touch x')", "a call": "dict(descr='<f8')", "depth": "(" * 9_000, "depth of signs": "-" * 60_000 + "1",
        "objects": "{'descr': '|O', 'fortran_order': False, 'shape': (3,)}", "a wide shape": "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999, 2)}",
        "a negative shape": "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 2)}", "no shape": "{'descr': '<f8', 'fortran_order': False}",
        "a wide dtype": "{'descr': '<U999999999', 'fortran_order': False, 'shape': (1,)}", "markup": "{'descr': '\\x1b[31m', 'fortran_order': False, 'shape': (1,)}",
        "records in records": "{'descr': [('a', [('b', '<f8')])], 'fortran_order': False, 'shape': (1,)}", "3,000 records": "{'descr': %r, 'fortran_order': False, 'shape': (0,)}" % [(f"c{n}", "<f8") for n in range(3_000)],
        "digits": "9" * 9_000, "dates": "{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (1,)}", "complex": "{'descr': '<c16', 'fortran_order': False, 'shape': (1,)}", "cut off": "{'descr': '<f8', 'fortran_order': False, 'shape': (9999,)}",
        "a name of controls": "{'descr': [('\\x1b[31m', '<f8')], 'fortran_order': False, 'shape': (1,)}", "a power": "9**9**9**9", "a long text": "'a' * 10**12",
    }.items():  # fmt: skip
        content = header.encode()
        yield Hostile(
            f"npy with {name}",
            file("m.npy", b"\x93NUMPY\2\0" + struct.pack("<I", len(content)) + content + bytes(8)),
        )
    whole = (SAMPLES / "pandas.parquet").read_bytes()
    for name, raw in {
        "a wide footer": whole[:-8] + b"\xff\xff\xff\x7fPAR1", "an encrypted footer": whole[:-4] + b"PARE", "no footer": b"PAR1" + bytes(4) + b"PAR1",
        "lists": _parquet(b"\x29\xfc\xff\xff\xff\x7f"), "depth": _parquet(b"\x1c" * 9_999), "depth of lists": _parquet(b"\x19" * 9_999), "long texts": _parquet(b"\x18\xff\xff\xff\xff\x07"),
        "endless": _parquet(b"\x15" + b"\xff" * 99), "nothing": _parquet(b"\0"), "many": _parquet(b"\x15\2" * 999_999),
    }.items():  # fmt: skip
        yield Hostile(f"parquet with {name}", file("m.parquet", raw))


def _parquet(footer: bytes) -> bytes:
    return b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1"


def heavy() -> Iterator[Hostile]:
    """Files as large as they are read, made of what takes the most time or memory."""
    for filling in (b"{},", b"[],", b"0,"):
        items = filling * (5_000_000 // len(filling)) + b"0"
        yield Hostile(f"heavy rows of {filling!r}", file("m.json", b'[{"a":[' + items + b"]}]"))
        schema = b'{"properties":{"a":{"enum":[' + items + b"]}}}"
        yield Hostile(f"heavy schema of {filling!r}", file("m.json", schema))
        trees = (
            b'{"learner":{"attributes":{"a":[' + items[-1_900_001:].lstrip(b"],}") + b']},"trees":['
        )
        yield Hostile(f"heavy xgboost of {filling!r}", file("m.json", trees))
        program = zipped({"a/models/model.json": b"[" + items * 12 + b"]"}, zipfile.ZIP_DEFLATED)
        yield Hostile(f"heavy program of {filling!r}", file("m.pt2", program))
    for name, raw in {
        "flow": b"properties: {a: {enum: [" + b"1," * 2_000_000 + b"0]}}", "lines": b"properties:\n" + b"  a: b\n" * 500_000,
    }.items():  # fmt: skip
        yield Hostile(f"heavy yaml of {name}", file("m.yaml", raw))
    cells = b",".join([b"1.5"] * 1_900) + b"\n"
    wide = b",".join(b"c%d" % number for number in range(1_900)) + b"\n" + cells * 3_000
    yield Hostile("heavy csv of columns", file("m.csv", wide))
    yield Hostile(
        "heavy csv of quotes", file("m.csv", b"a\n" + b'"\n\n\n\n\n\n\n\n\n\n"\n' * 2_000_000)
    )


# Good sources, and what becomes of them


def mutants(seed: int, count: int) -> Iterator[Hostile]:
    """Good sources that are cut off or changed, so that each may be read or not."""
    draw = random.Random(seed)
    files = sorted([*(MODELS.glob("*/model.*")), *(MODELS.glob("*/model/*")), *SAMPLES.iterdir()])
    files = [path for path in files if path.is_file()]
    for number in range(count):
        path = files[number % len(files)]
        changed, what = _changed(draw, path.read_bytes())
        name = f"{path.relative_to(SAVED)} {what} {number}"
        yield Hostile(name, _in_place(path, changed))


def _changed(draw: random.Random, content: bytes) -> tuple[bytes, str]:
    if draw.random() < 0.3:
        return content[: draw.randrange(len(content))], "cut off"
    changed = bytearray(content)
    for _ in range(draw.randint(1, 5)):
        at = draw.randrange(len(changed))
        piece = draw.choice(
            [draw.randbytes(1), b"\xff" * 4, b"9" * 30, b'"', b"\\", b"\0", b"[", b"\x7f", b""]
        )
        changed[at : at + draw.choice([0, 1, len(piece)])] = piece
    return bytes(changed), "changed"


def _in_place(path: Path, content: bytes) -> Make:
    """The folder of a source, with other content in the file."""
    if path.parent.name != "model":
        return file(path.name, content)

    def make(folder: Path) -> str:
        shutil.copytree(path.parent, folder / "model")
        (folder / "model" / path.name).write_bytes(content)
        return str(folder / "model")

    return make


# Words


HOSTILE_WORDS = (
    "*/", "{{ 1 }}", "{% if", "{#", "[red]", '"""', "'''", "\\", "\\N{DASH}", "//", "#", "%s", "${x}", "$(x)", "`x`", "</a>", "\u00e9", "\U0001f600", "x" * 200, "a b  c",
    "class", "def", "None", "self", "import", "type", "list", "str", "int", "model", "predict", "Predict", "request", "context", "np", "message", "enum", "oneof",
    "__init__", "__class__", "mro", "DESCRIPTOR", "HasField", "Clear", "_x", "9", "9x", "-", "...", ";", "a.b", "A B", "a_b", "aB", "a-b", "no_a", "a", "help", "con",
)  # fmt: skip
CONTROL_WORDS = (
    "a\nb",
    "a\tb",
    "a\0b",
    "\x1b[31m",
    "\u202ea",
    "\u2028",
    "\x85",
    "\x7f",
    "x" * 200_000,
    "\ud800",
    "",
    " ",
)


def worded(words: Sequence[str]) -> Iterator[Hostile]:
    """Good models of every kind that can say words, with these as names of fields."""
    outputs = [value(word, ("n", 1)) for word in words]
    yield Hostile("onnx", file("m.onnx", onnx([value(word) for word in words], outputs)))
    properties = {word: {"type": "string", "description": word, "default": word} for word in words}
    yield Hostile(
        "schema", file("m.json", json.dumps({"$schema": "x", "properties": properties}).encode())
    )
    yield Hostile("rows", file("m.json", json.dumps([{word: word for word in words}] * 3).encode()))
    infos = " ".join(["[0:1]"] * len(words))
    text = (MODELS / "lightgbm_regression" / "model.txt").read_text()
    names = " ".join(word.replace(" ", "_") + f"_{place}" for place, word in enumerate(words))
    for key, line in {
        "max_feature_idx": len(words) - 1,
        "feature_names": names,
        "feature_infos": infos,
    }.items():
        start = text.index(f"\n{key}=")
        text = f"{text[:start]}\n{key}={line}{text[text.index(chr(10), start + 1) :]}"
    yield Hostile("lightgbm", file("m.txt", text.encode("utf-8", "surrogatepass")))
    labels = json.loads((MODELS / "xgboost_categories_json" / "model.json").read_text())
    learner = labels["learner"]
    raw = [word.encode("utf-8", "surrogatepass") for word in words]
    ends = [0]
    for each in raw:
        ends.append(ends[-1] + len(each))
    learner["gradient_booster"]["model"]["cats"]["enc"][3] = {
        "offsets": ends,
        "values": [*b"".join(raw)],
    }
    learner["feature_names"][0] = words[0]
    yield Hostile("xgboost", file("m.json", json.dumps(labels, separators=(",", ":")).encode()))
