"""Sources that nobody should point at: broken, endless, disguised, or made to run something.

Each is made in a folder of its own from a seed, and has what a user would answer to point at it.
"""

import bz2
import gzip
import lzma
import os
import random
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

from hostile_archives import archives, bombs, folders
from hostile_files import Hostile, Make, answer, file, sparse, zipped
from hostile_models import documents, heavy, onnx_files, samples
from hostile_pickles import pickles

# Sources that look wrong, of which what is right can be read.
READABLE = frozenset(
    {
        "archive of 4 GB each .npz", "archive of 65,535 entries .npz", "archive with junk before .npz",
        "archive with junk behind .npz", "csv with carriage returns", "heavy csv of columns",
        "heavy csv of quotes", "heavy rows of b'0,'", "heavy schema of b'0,'", "jsonl with many keys",
        "lightgbm with a cut", "lightgbm with a wide range", "onnx of a foreign operator",
        "onnx of a negative dim", "pickle instance as .txt", "schema with labels of controls",
        "schema with many labels", "yaml with a wide number",
        *(f"zip bomb x.npy {bytes(1)!r} {suffix}" for suffix in (".npz", ".pt2", ".skops")),
    }
)  # fmt: skip


def hostile_sources(canary: Path) -> Iterator[Hostile]:
    """Every source that has to be refused; those that run something would write the canary."""
    yield from paths()
    yield from named_oddly()
    yield from other_files()
    yield from empty_and_endless()
    yield from pickles(canary)
    yield from bombs()
    yield from archives(canary)
    yield from folders(canary)
    yield from onnx_files()
    yield from documents(canary)
    yield from samples()
    yield from heavy()


# What is no file


def paths() -> Iterator[Hostile]:
    """Answers that lead nowhere, and places that hold no file."""
    remote = "http https s3 gs hf ftp file azure wasbs hdfs dbfs runs models mlflow-artifacts"
    for scheme in remote.split():
        yield Hostile(f"address {scheme}", answer(f"{scheme}://host/bucket/model.onnx"))
    for text in (
        "missing.onnx", "missing/model.onnx", "..", ".", "/", "~nobody-of-that-name/model.onnx",
        "~", "a" * 10_000, "a/" * 5_000, "b" * 300 + ".onnx", "a\0b.onnx", "a\nb.onnx", "a\x1b[31mb",
        "\u202ea.onnx", "\udcff.onnx", "\ud800", "#", "#/definitions/Row", "a#b#c", "[red]a[/red]",
        "[/]", "{{ 7 * 7 }}", "{% raw %}", "{{", "'\"`$(touch x)",
        "a\u2028b", "a\x85b", "a\x7fb", "\\\\host\\share\\m.onnx", "C:\\m.onnx", "a\tb", "-", "--help",
        "@model.onnx", "/dev/zero", "/dev/null", "/dev/random", "/dev/full", "/dev/stdin",
        "/dev/fd/0", "/dev/tty", "/proc/self/mem", "/proc/self/environ", "/proc/self/maps",
        "/proc/self/fd", "/proc/kmsg", "/proc/self/root", "/sys/kernel/notes", "/proc/self/pagemap",
        "/proc/self/cwd", "/proc/kcore", "/proc/sysrq-trigger", "/proc/self/mem#/x", "*", "a b  c",
    ):  # fmt: skip
        yield Hostile(f"path {text[:30]!r}", answer(text))
    yield Hostile("fifo", _fifo)
    yield Hostile("socket", _socket)
    yield Hostile("folder", lambda folder: _folder(folder, "model"))
    yield Hostile("folder with a suffix", lambda folder: _folder(folder, "model.onnx"))
    yield Hostile("folder as a document", lambda folder: _folder(folder, "a.json") + "#/x")
    yield Hostile("unreadable file", _unreadable)
    yield Hostile("unreadable folder", _unreadable_folder)
    for name, target in {
        "dangling": "nothing", "loop": "loop", "to zero": "/dev/zero", "to itself": ".",
        "to a name with a control character": "a\x1b[31mb", "to no utf-8": "\udcff\udcfe",
    }.items():  # fmt: skip
        yield Hostile(f"link {name}", _link(name, target))
    for target in ("a\x1b]0;title\x07b.onnx", "a\nb.onnx", "\udcff.onnx", "\u202ea.onnx"):
        yield Hostile(f"link to a broken model {target!r}", _link("m.onnx", target, b"\x08\x07"))


def _fifo(folder: Path) -> str:
    os.mkfifo(folder / "fifo.onnx")
    return str(folder / "fifo.onnx")


def _socket(folder: Path) -> str:
    here = Path.cwd()
    os.chdir(folder)  # The path of a socket is short.
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("socket.onnx")
    finally:
        os.chdir(here)
    return str(folder / "socket.onnx")


def _folder(folder: Path, name: str) -> str:
    (folder / name / "inner").mkdir(parents=True)
    (folder / name / "inner" / "file").write_text("text")
    return str(folder / name)


def _unreadable(folder: Path) -> str:
    path = folder / "secret.csv"
    path.write_text("a\n1\n")
    path.chmod(0)
    return str(path) if not os.access(path, os.R_OK) else str(folder / "missing")


def _unreadable_folder(folder: Path) -> str:
    path = folder / "secret"
    path.mkdir(0)
    return str(path / "model.onnx")


def _link(name: str, target: str, content: bytes = b"") -> Make:
    def make(folder: Path) -> str:
        if content:
            file(target, content)(folder)
        os.symlink(os.fsencode(target), os.fsencode(folder / name))
        return str(folder / name)

    return make


ODD_NAMES = (
    "[red]model[/red]", "[link=http://host]m[/link]", "{{ cookiecutter }}", "{{ 1/0 }}", "{% if",
    "a'b", 'a"b', "a\\b", "a b", "$(touch x)", "`touch x`", "a;b", "a&b", "*", "?", "-rf", "%s%n",
    "\u200b", "e\u0301", "\U0001f600", "a" * 240, "\u05d0\u05d1", "...", "con", "a#b", "#", "a=b",
)  # fmt: skip


def named_oddly() -> Iterator[Hostile]:
    """Broken files whose names are taken for something else by a terminal, a shell or a template."""
    for number, name in enumerate(ODD_NAMES):
        suffix = SUFFIXES[number % len(SUFFIXES)]
        yield Hostile(
            f"named {name[:30]!r}{suffix}", file(f"{name}{suffix}", b"\x08\xff\xff garbage")
        )
        yield Hostile(
            f"in a folder {name[:30]!r}", file(f"{name}/model.pkl", b"\x80\x04\x95 garbage")
        )


# Files of other kinds


SUFFIXES = (
    ".onnx", ".pkl", ".joblib", ".skops", ".ubj", ".json", ".txt", ".csv", ".parquet", ".npy",
    ".npz", ".jsonl", ".yaml", ".pt2", ".cbm", "",
)  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0"
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY x SYSTEM "file:///etc/passwd">]><a>&d;&x;</a>"""
OTHERS = {
    "photo.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1" + bytes(500), "photo.png": PNG,
    "film.mp4": b"\0\0\0\x20ftypisom\0\0\2\0" + bytes(500), "sound.wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "sound.mp3": b"ID3\4\0\0\0\0\0\0" + bytes(99), "program": b"\x7fELF\2\1\1" + bytes(500),
    "program.exe": b"MZ\x90\0\3" + bytes(500), "Main.class": b"\xca\xfe\xba\xbe\0\0\0\x41",
    "module.wasm": b"\0asm\1\0\0\0", "paper.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "data.sqlite": b"SQLite format 3\0" + bytes(200), "page.html": b"<!DOCTYPE html><html></html>",
    "laughs.xml": LAUGHS, "model.pmml": b"<?xml version='1.0'?><PMML version='4.4'/>",
    "run.sh": b"#!/bin/sh\ntouch x\n", "model.py": b"import os\nos.system('touch x')\n",
    "book.ipynb": b'{"cells": [], "metadata": {}, "nbformat": 4}', "a.7z": b"7z\xbc\xaf\x27\x1c" + bytes(99),
    "a.rar": b"Rar!\x1a\7\1\0" + bytes(99), "a.tar": b"a" + bytes(256) + b"ustar\0" + bytes(500),
    "a.tar.gz": gzip.compress(b"text" * 99), "a.xz": lzma.compress(b"text" * 99),
    "a.bz2": bz2.compress(b"text" * 99), "a.zst": b"\x28\xb5\x2f\xfd" + bytes(99),
    "a.lz4": b"\x04\x22\x4d\x18" + bytes(99), "model.h5": b"\x89HDF\r\n\x1a\n" + bytes(99),
    "model.gguf": b"GGUF\3\0\0\0" + b"\xff" * 99, "model.cbm": b"CBM1" + b"\xff" * 99,
    "old.model": b"binf" + bytes(99), "a.feather": b"FEA1" + bytes(99), "a.arrow": b"ARROW1\0\0" + bytes(99),
    "a.avro": b"Obj\1" + bytes(99), "a.orc": b"ORC" + bytes(99), "model.tflite": b"\x1c\0\0\0TFL3" + bytes(99),
    "model.safetensors": struct.pack("<Q", 2) + b"{}", "long.safetensors": struct.pack("<Q", 1 << 40) + b"{",
    "pyproject.toml": b'[project]\nname = "a"\n', "a.pyc": b"\xa7\r\r\n" + bytes(99),
    "utf16.csv": "a,b\n1,2\n".encode("utf-16"), "utf32.json": '{"a": 1}'.encode("utf-32"),
    "latin.csv": "gr\u00f6\u00dfe,b\n1,2\n".encode("latin-1"), "torch.pt": b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.",
    "letters.onnx": b"not a model at all", "letters.parquet": b"PAR1" + b"x" * 99,
}  # fmt: skip


def other_files() -> Iterator[Hostile]:
    """Files of other kinds, under their own names and under those of models."""
    for number, (name, content) in enumerate(OTHERS.items()):
        yield Hostile(f"other {name}", file(name, content))
        suffix = (".onnx", ".pkl", ".joblib", ".skops", ".ubj", ".npy")[number % 6]
        yield Hostile(f"other {name} as {suffix}", file(f"model{suffix}", content))


def empty_and_endless() -> Iterator[Hostile]:
    """Files of nothing, of one byte, and of far more than there is."""
    draw = random.Random(1)
    magic = (b"", b"\x08\x07", b"\x80\x04", b"PK\3\4", b"{L\0", b"{", b"tree\n", b"a,b\n1,2\n", b"PAR1",
             b"\x93NUMPY\1\0", b"\x93NUMPY\3\0", b"[", b"a: ", b"CBM1", b"\x1f\x8b\x08", b"\x78\x9c")  # fmt: skip
    for suffix, start in zip(SUFFIXES, magic, strict=True):
        yield Hostile(f"empty {suffix}", file(f"m{suffix}", b""))
        yield Hostile(f"one byte {suffix}", file(f"m{suffix}", draw.randbytes(1)))
        yield Hostile(f"random {suffix}", file(f"m{suffix}", b"\xfe" + draw.randbytes(4000)))
        yield Hostile(f"zeros {suffix}", file(f"m{suffix}", bytes(70_000)))
        yield Hostile(f"ones {suffix}", file(f"m{suffix}", b"\xff" * 70_000))
        yield Hostile(f"10 GB of nothing {suffix}", sparse(f"m{suffix}", b"", 10 << 30))
        yield Hostile(f"10 GB after {start!r}", sparse(f"m{suffix}", start, 10 << 30))
        yield Hostile(f"magic and garbage {start!r}", file(f"m{suffix}", start + b"\xff" * 300))
    yield Hostile(
        "10 GB of parquet", sparse("m.parquet", b"PAR1", 10 << 30, b"\xff\xff\xff\x7fPAR1")
    )
    yield Hostile("10 GB of zip", sparse("m.zip", b"PK\3\4", 10 << 30, zipped({"a": b""})[-22:]))
    yield Hostile(
        "10 GB of lightgbm",
        sparse("m.txt", b"tree\nTree=0\n", 10 << 30, b"\nend of trees\npandas_categorical:[[]]"),
    )
