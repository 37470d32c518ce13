"""Archives and folders that expand without end, lead elsewhere, or hold code."""

import bz2
import io
import json
import lzma
import os
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from baking import TEMPLATE
from hostile_files import Hostile, Make, file, zipped
from hostile_pickles import pickled_call

MODELS = TEMPLATE / "tests" / "sources" / "models"
MB = 1 << 20
DEFLATE, STORE = zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED
NPY = b"\x93NUMPY\1\0"
GOOD = NPY + struct.pack("<H", 118) + b"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }".ljust(117) + b"\n"  # fmt: skip


def bomb(start: bytes, filling: bytes, times: int, wbits: int) -> bytes:
    """A megabyte of a filling, so many times, after a start: all in a few kilobytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    head = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(filling * (MB // len(filling))) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * times


def zip_bomb(name: str, start: bytes, filling: bytes, times: int) -> bytes:
    """An archive with one entry, which is a bomb; that it has more is not in its sizes' way."""
    content, size = bomb(start, filling, times, -15) + b"\3\0", len(start) + times * MB
    size &= 0xFFFF_FFFF
    about = struct.pack("<HHHHHIII", 20, 0, DEFLATE, 0, 0, 0, len(content), size)
    names = name.encode()
    local = b"PK\3\4" + about + struct.pack("<HH", len(names), 0) + names + content
    held = (
        b"PK\1\2"
        + struct.pack("<H", 20)
        + about
        + struct.pack("<HHHHHII", len(names), 0, 0, 0, 0, 0, 0)
    )
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(held) + len(names), len(local), 0)
    return local + held + names + b"PK\5\6" + end


def many_entries(count: int) -> bytes:
    """An archive with a list of so many entries, all of which are the same one."""
    local = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    held = (
        b"PK\1\2"
        + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
        + b"a"
    )
    end = struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, len(held) * count, len(local), 0)
    return local + held * count + b"PK\5\6" + end


def bombs() -> Iterator[Hostile]:
    """Little files that are large inside."""
    pickle = b"\x80\x04"
    fillings = {
        "lists": b"]",
        "marks": b"(",
        "texts": b"\x8c\x01a",
        "zeros": b"\0",
        "numbers": b"K\1",
    }
    for name, filling in fillings.items():
        for wbits, kind in ((15, "zlib"), (31, "gzip")):
            content = bomb(pickle, filling, 2_000, wbits)
            yield Hostile(f"2 GB of {name} in {kind}", file("model.joblib", content))
    array = b"\x80\x04\x8e" + struct.pack("<Q", 64 << 30)
    yield Hostile("64 GB of bytes in zlib", file("model.joblib", bomb(array, b"\0", 8_000, 15)))
    zeros = bytes(24 * MB)
    yield Hostile("bz2 bomb", file("model.joblib", bz2.compress(array + zeros) * 3))
    yield Hostile("xz bomb", file("model.joblib", lzma.compress(array + zeros, preset=0) * 3))
    alone = lzma.compress(array + zeros, lzma.FORMAT_ALONE, preset=0)
    yield Hostile("lzma bomb", file("model.joblib", alone))
    wide = b"\x5d" + struct.pack("<IQ", 0xFFFF_FFFF, 1 << 40) + alone[13:]
    yield Hostile("lzma with a dictionary of 4 GB", file("model.joblib", wide))
    for entry, start, filling in (
        ("schema.json", b"[", b"["), ("schema.json", b'{"__loader__": "', b"a"), ("schema.json", b"[", b"{},"),
        ("schema.json", b"[", b"0,"), ("schema.json", b'["', b"\\u0000"), ("schema.json", b'"', b"\xc3\xa9"),
        ("x.npy", NPY, b"\0"), ("x.npy", GOOD, b"\0"), ("x.npy", b"\x93NUMPY\3\0\xff\xff\xff\x7f", b"("),
        ("a/models/model.json", b"{", b" "), ("data.pkl", b"\x80", b"]"), ("x", b"", b"\0"),
    ):  # fmt: skip
        for suffix in (".skops", ".npz", ".pt2"):
            content = zip_bomb(entry, start, filling, 4_200)
            yield Hostile(f"zip bomb {entry} {filling!r} {suffix}", file(f"m{suffix}", content))
    yield Hostile("zip of a million entries", file("m.npz", many_entries(1_000_000)))
    for suffix in (".csv", ".json", ".jsonl", ".yaml", ".txt", ".parquet", ".ubj", ".npy", ".onnx"):
        yield Hostile(
            f"gzip bomb {suffix}", file(f"m{suffix}", bomb(b"a,b\n", b"1,2\n", 2_000, 31))
        )


def archives(canary: Path) -> Iterator[Hostile]:
    """Archives that are broken, or not what they seem."""
    schema = {"schema.json": b"{}", "1.npy": GOOD + bytes(48)}
    arrays = {"x.npy": GOOD + bytes(48), "y.npy": GOOD + bytes(48)}
    for suffix, entries in ((".skops", schema), (".npz", arrays)):
        for what, content in broken_archives(entries):
            yield Hostile(f"archive {what} {suffix}", file(f"m{suffix}", content))
    for name, entries in {
        "of up and out": {"../../escape.npy": GOOD, "/nowhere/escape.npy": GOOD},
        "of a keras model": {"config.json": b"{}", "model.weights.h5": b""},
        "of a pytorch model": {"archive/data.pkl": pickled_call("os:system", f"touch {canary}")},
        "of an exported model": {"a/models/model.json": b"[" * 99_999},
        "of a spreadsheet": {"xl/workbook.xml": b"<a/>"},
        "of a jar": {"META-INF/MANIFEST.MF": b""}, "of nothing": {}, "of texts": {"a.txt": b"text"},
        "in an archive": {"schema.json": zipped({"schema.json": b"{}"})},
        "of control characters": {"\x1b[31m[red]{{ 1 }}\n.npy": b"no array"},
        "of a long name": {"a" * 65_000 + ".npy": b"no array"},
        "of one value": {"x.npy": GOOD.replace(b"(3, 2)", b"()    ")},
        "of objects": {"x.npy": GOOD.replace(b"'<f8'", b"'|O' ") + pickled_call("os:system", f"touch {canary}")},
        "of code in a header": {"x.npy": GOOD.replace(b"(3, 2)", b"exit()")},
        "of code and schema": {"schema.json": b"{}", "__init__.py": b"1/0", "tripwire.pth": b"import os"},
        "of many arrays": {f"{number}.npy": GOOD + bytes(48) for number in range(2_000)},
        "of many sizes": {f"{number}.npy": GOOD.replace(b"(3, 2)", b"(%d, 2)" % number) + bytes(16 * number) for number in range(9)},
    }.items():  # fmt: skip
        for suffix in (".skops", ".npz", ".zip"):
            yield Hostile(f"archive {name} {suffix}", file(f"m{suffix}", zipped(entries)))
    yield from skops_schemas(canary)


def broken_archives(entries: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """An archive, broken in all ways."""
    whole, packed = zipped(entries), zipped(entries, DEFLATE)
    first = zipfile.ZipFile(io.BytesIO(whole)).infolist()[0]
    central = whole.index(b"PK\1\2")

    def patched(at: int, form: str, value: int, both: int = 0) -> bytes:
        changed = bytearray(whole)
        struct.pack_into(form, changed, central + at, value)
        if both:
            struct.pack_into(form, changed, both, value)
        return bytes(changed)

    yield "cut", whole[:-10]
    yield "cut in the middle", whole[: len(whole) // 2]
    yield "of a head alone", whole[:30]
    yield "with junk before", b"PK\3\4" + bytes(99) + whole
    yield "with junk behind", whole + bytes(99)
    yield "with a password", patched(8, "<H", 1, 6)
    yield "with a strong password", patched(8, "<H", 0x41, 6)
    yield "with patches", patched(8, "<H", 0x20, 6)
    yield "with a wrong checksum", patched(16, "<I", 1, 14)
    yield "of 4 GB each", patched(24, "<I", 0xFFFF_FFFE, 22)
    yield "beyond its end", patched(42, "<I", 0x7FFF_FFFF)
    yield "of version 99", patched(6, "<H", 99, 4)
    yield (
        "with other names within",
        whole.replace(first.filename.encode(), b"z" * len(first.filename), 1),
    )
    yield "with a broken directory", whole.replace(b"PK\1\2", b"PK\1\3")
    yield "of 65,535 entries", whole[:-14] + b"\xff\xff\xff\xff" + whole[-10:]
    yield (
        "with a broken stream",
        packed[: 30 + len(first.filename)] + b"\xff" * 9 + packed[39 + len(first.filename) :],
    )
    for method in (1, 6, 8, 9, 12, 14, 93, 95, 99):
        yield f"by method {method}", patched(10, "<H", method, 8)
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        yield f"really by method {method}", zipped(entries, method)
        large = {name: content + bytes(8 * MB) for name, content in [*entries.items()][:1]}
        yield f"large by method {method}", zipped({**entries, **large}, method)
    broken = bytearray(zipped(entries, zipfile.ZIP_LZMA))
    broken[30 + len(first.filename) : 39 + len(first.filename)] = b"\xff" * 9
    yield "with a broken lzma stream", bytes(broken)
    extra = bytearray(whole)
    struct.pack_into("<H", extra, central + 30, 0xFFFF)
    yield "with an extra field of 64 kB", bytes(extra)
    yield "in zip64 of 1 TB", _zip64(entries)
    yield "with names twice", _twice(entries)


def _zip64(entries: dict[str, bytes]) -> bytes:
    """An archive that says it has a terabyte in its first entry."""
    name, content = next(iter(entries.items()))
    names = name.encode()
    sizes = struct.pack("<HHQQ", 1, 16, 1 << 40, 1 << 40)
    about = struct.pack("<HHHHHIII", 45, 0, 0, 0, 0, 0, 0xFFFF_FFFF, 0xFFFF_FFFF)
    local = b"PK\3\4" + about + struct.pack("<HH", len(names), len(sizes)) + names + sizes + content
    held = b"PK\1\2" + struct.pack("<H", 45) + about
    held += struct.pack("<HHHHHII", len(names), len(sizes), 0, 0, 0, 0, 0) + names + sizes
    return local + held + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(held), len(local), 0)


def _twice(entries: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(written, "w") as archive:
        warnings.simplefilter("ignore")
        for name in [*entries, *entries]:
            archive.writestr(name, b"{")
    return written.getvalue()


def skops_schemas(canary: Path) -> Iterator[Hostile]:
    """Files of skops with odd schemas."""

    def node(
        module: str, name: str, content: object, loader: str = "ObjectNode"
    ) -> dict[str, object]:
        return {"__class__": name, "__module__": module, "__loader__": loader, "content": content}

    deep: object = []
    for _ in range(150):
        deep = node("builtins", "list", [deep], "ListNode")
    schemas: dict[str, object] = {
        "of os.system": node("os", "system", {"command": f"touch {canary}"}),
        "of a function": node("builtins", "eval", "1/0", "FunctionNode"),
        "of a reduce": node("os", "system", {}, "ConstructorFromReduceNode"),
        "of an operator": node("operator", "attrgetter", {"attrs": ["system"]}, "OperatorFuncNode"),
        "of no loader": {"__class__": "a", "__module__": "b"}, "of a list": [], "of a number": 1,
        "of null": None, "of an unknown loader": node("a", "b", {}, "Nothing"),
        "of a partial": node("functools", "partial", {"func": 1}, "PartialNode"), "of depth": deep,
        "of a file outside": node("numpy", "ndarray", None, "NdArrayNode") | {"type": "numpy", "file": "../x.npy"},
        "of no file": node("numpy", "ndarray", None, "NdArrayNode") | {"type": "numpy"},
        "of markup": node("[red]", "\x1b[31m{{ 1 }}", {}), "of a loop": node("a", "b", {"__id__": 1}) | {"__id__": 1},
        "of a long name": node("a" * 99_999, "b", {}), "of surrogates": node("\ud800", "b", {}),
        "of deep json": node("a", "b", json.loads("[" * 900 + "]" * 900)),
        "of an estimator of nothing": node("sklearn.linear_model._logistic", "LogisticRegression", None),
        "of a wide number": node("builtins", "int", "9" * 99_999, "JsonNode"),
        "of a foreign file": node("tripwire", "Model", {}),
    }  # fmt: skip
    for name, schema in schemas.items():
        content = zipped({"schema.json": json.dumps(schema).encode()})
        yield Hostile(f"skops {name}", file("m.skops", content))
    for name, raw in {
        "no json": b"{", "nested": b"[" * 199_999, "twice a key": b'{"a": 1, "a": 2}', "NaN": b"NaN",
        "long digits": b"9" * 99_999, "bom": b"\xef\xbb\xbf{}", "utf16": "{}".encode("utf-16"),
    }.items():  # fmt: skip
        yield Hostile(f"skops {name}", file("m.skops", zipped({"schema.json": raw})))


# Folders


def folders(canary: Path) -> Iterator[Hostile]:
    """Folders of MLflow that are broken, lead out, or hold code that would run."""
    run = f"touch {canary}"
    signature = 'signature: {inputs: \'[{"type": "double", "name": "x"}]\', outputs: null}\n'
    flavors = "flavors: {python_function: {loader_module: tripwire, code: code}}\n"
    mains = {
        "nothing": "", "a list": "- a\n", "a number": "1", "no flavors": "a: b\n", "garbage": "\x01\x02",
        "flavors of a list": "flavors: []\n", "a loader that is no name": "flavors: {python_function: {loader_module: 'os; system'}}",
        "a tag": f"!!python/object/apply:os.system ['{run}']\n", "a tag in a value": f"flavors: !!python/object/new:os.system ['{run}']\n",
        "a tag of a module": "flavors: !!python/module:tripwire ''\n", "a tag of a name": "flavors: !!python/name:tripwire.a ''\n",
        "aliases": "a: &a [x, x]\nb: &b [*a, *a]\nflavors: [*b, *b]\n", "code and no signature": flavors,
        "code and half a signature": flavors + signature, "depth": "flavors: " + "[" * 50_000,
        "depth of maps": "".join(" " * depth + "a:\n" for depth in range(900)),
        "a signature that is no JSON": flavors + "signature: {inputs: '[', outputs: '['}\n",
        "a signature of depth": flavors + "signature: {inputs: '" + "[" * 99_999 + "', outputs: '[]'}\n",
        "a signature of markup": flavors + "signature: {inputs: '[{\"type\": \"\\u001b[31m\", \"name\": \"x\"}]', outputs: '[]'}\n",
        "a model elsewhere": "flavors: {python_function: {loader_module: mlflow.sklearn}, sklearn: {pickled_model: ../../../etc/passwd}}\n",
        "a model at the root": "flavors: {python_function: {loader_module: mlflow.onnx}, onnx: {data: /etc/passwd}}\n",
        "many lines": "a: b\n" * 200_000, "a wide number": "flavors: " + "9" * 9_000,
    }  # fmt: skip
    for name, main in mains.items():
        yield Hostile(
            f"mlflow with {name}", _mlflow({"MLmodel": main.encode(), "code/tripwire.py": b"1/0"})
        )
    for name, make in {
        "a link": lambda folder: (folder / "model" / "link.pkl").symlink_to("/etc/passwd"),
        "a link to a folder": lambda folder: (folder / "model" / "all").symlink_to("/"),
        "a loop": lambda folder: (folder / "model" / "loop").symlink_to("."),
        "a pipe": lambda folder: os.mkfifo(folder / "model" / "fifo"),
        "names of control characters": lambda folder: (folder / "model" / "a\x1b[31m\nb").write_text(""),
        "names of no text": lambda folder: open(os.path.join(os.fsencode(folder), b"model", b"\xff"), "w").close(),
        "markup": lambda folder: (folder / "model" / "[red]{{ 1 }}").symlink_to("nothing"),
        "depth": lambda folder: (folder / "model" / "/".join(["d"] * 900)).mkdir(parents=True),
    }.items():  # fmt: skip
        yield Hostile(
            f"mlflow folder with {name}", _mlflow({"MLmodel": (flavors + signature).encode()}, make)
        )
    yield Hostile("mlflow of a folder", lambda folder: _made(folder / "model" / "MLmodel", folder))
    yield Hostile("mlflow of a link", _linked_main)
    yield Hostile("mlflow of 10,001 files", _mlflow({"MLmodel": flavors.encode()}, _many_files))
    yield Hostile("saved model", _mlflow({"saved_model.pb": b"\x08\1"}))
    yield Hostile(
        "hub folder",
        _mlflow({"config.json": b"{", "model.safetensors": b"\xff" * 99, "modeling.py": b"1/0"}),
    )
    attack = pickled_call("os:system", run)
    main = (
        (MODELS / "mlflow_sklearn" / "model" / "MLmodel")
        .read_text()
        .replace("model.skops", "model.pkl")
    )
    for name, content in {"a call": attack, "nothing": b"", "zeros": bytes(999)}.items():
        broken = main.replace('"str"', '"no such"')
        yield Hostile(
            f"mlflow with a pickle of {name}",
            _mlflow({"MLmodel": broken.encode(), "model.pkl": content}),
        )


def _mlflow(files: dict[str, bytes], more: object = None) -> Make:
    def make(folder: Path) -> str:
        for name, content in files.items():
            path = folder / "model" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if callable(more):
            more(folder)
        return str(folder / "model")

    return make


def _many_files(folder: Path) -> None:
    for number in range(10_001):
        os.mknod(folder / "model" / str(number))


def _made(path: Path, folder: Path) -> str:
    path.mkdir(parents=True)
    return str(folder / "model")


def _linked_main(folder: Path) -> str:
    (folder / "model").mkdir()
    (folder / "model" / "MLmodel").symlink_to("/etc/passwd")
    return str(folder / "model")
