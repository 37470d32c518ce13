"""Pickles that would run something, or take all memory, if somebody loaded them."""

import bz2
import gzip
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from hostile_files import Hostile, file


def pickled_call(function: str, *args: object, protocol: int = 4) -> bytes:
    """A pickle that calls `module:name` with texts when it is loaded."""
    module, _, name = function.partition(":")
    head = b"" if protocol < 2 else b"\x80" + bytes([protocol])
    if protocol < 4:
        called = f"c{module}\n{name}\n".encode()
    else:
        called = text(module) + text(name) + b"\x93"
    return head + called + b"(" + b"".join(text(str(each)) for each in args) + b"tR."


def text(value: str) -> bytes:
    """A text in a pickle."""
    content = value.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(content)) + content


def pickles(canary: Path) -> Iterator[Hostile]:
    """Pickles that would run something, or take all memory, in every wrapping of joblib."""
    attacks = dict(attacks_in_pickles(canary))
    for name, content in attacks.items():
        yield Hostile(f"pickle {name}", file("model.pkl", content))
    for name, pack in WRAPPINGS.items():
        for attack in ("os.system", "after an array", "list bomb", "1 TB of bytes", "eval"):
            yield Hostile(f"joblib {name} {attack}", file("model.joblib", pack(attacks[attack])))
    for number, name in enumerate(attacks):
        disguise = (".onnx", ".csv", ".json", ".skops", ".ubj", ".txt", ".npy", ".yaml")[number % 8]
        yield Hostile(f"pickle {name} as {disguise}", file(f"model{disguise}", attacks[name]))


WRAPPINGS: dict[str, Callable[[bytes], bytes]] = {
    "zlib": zlib.compress, "gzip": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress,
    "lzma": lambda content: lzma.compress(content, lzma.FORMAT_ALONE),
    "cut zlib": lambda content: zlib.compress(content)[:-6],
    "wrong zlib": lambda content: zlib.compress(content)[:-4] + bytes(4),
    "twice": lambda content: zlib.compress(zlib.compress(content)),
}  # fmt: skip


def attacks_in_pickles(canary: Path) -> Iterator[tuple[str, bytes]]:
    """Pickles, by what they try."""
    touch, code = f"touch {canary}", f"open({str(canary)!r}, 'w')"
    for module in ("os", "posix", "nt"):
        yield f"{module}.system", pickled_call(f"{module}:system", touch)
    for function, *args in (
        ("os:popen", touch), ("os:execl", "/bin/sh", "sh", "-c", touch), ("pty:spawn", touch),
        ("os:remove", canary.parent), ("subprocess:getoutput", touch), ("subprocess:call", touch),
        ("builtins:eval", code), ("builtins:exec", code), ("__builtin__:eval", code),
        ("builtins:open", canary, "w"), ("io:open", canary, "w"), ("builtins:compile", code, "", "exec"),
        ("builtins:__import__", "tripwire"), ("importlib:import_module", "tripwire"),
        ("runpy:run_path", "tripwire.py"), ("pickle:loads", code), ("marshal:loads", code),
        ("types:CodeType", code), ("tripwire:anything", ""), ("tripwire.inner:anything", ""),
        ("builtins:getattr", "os", "system"), ("operator:attrgetter", "system"),
        ("codecs:open", canary, "w"), ("codecs:lookup", "tripwire"), ("_codecs:encode", "a", "tripwire"),
        ("code:interact", ""), ("timeit:timeit", code), ("pdb:run", code), ("webbrowser:open", "x"),
        ("builtins:input", ""), ("builtins:exit", ""), ("os:_exit", "0"), ("os:abort", ""),
        ("builtins:breakpoint", ""), ("time:sleep", "99"), ("socket:create_connection", "host"),
        ("urllib.request:urlopen", "http://localhost:9"), ("shutil:rmtree", canary.parent),
        ("joblib:load", canary), ("numpy:load", canary), ("torch:load", canary), ("site:addsitedir", "."),
        ("sklearn.utils:all_estimators", ""), ("joblib.numpy_pickle:NumpyArrayWrapper", code),
        ("ctypes:CDLL", "tripwire.so"), ("multiprocessing.util:spawnv_passfds", touch),
        ("logging.config:fileConfig", "x"), ("idlelib.run:Executive", code), ("distutils.core:run_setup", "x"),
    ):  # fmt: skip
        yield function.replace(":", "."), pickled_call(function, *args)
    yield "eval", pickled_call("builtins:eval", code)
    for protocol in (0, 1, 2, 3, 5):
        name = f"protocol {protocol}"
        yield name, pickled_call("os:system", touch, protocol=protocol)
    system, done = text("os") + text("system") + b"\x93", b"(" + text(touch) + b"tR."
    array = joblib_array(b"<f8", 8, bytes(64))
    yield "after an array", array[:-1] + b"0" + system + done
    yield "after stop", b"\x80\x04N." + system + done
    yield (
        "stack global of a chain",
        b"\x80\x04" + text("builtins") + text("__import__.__call__") + b"\x93" + done,
    )
    yield "instance", b"(S'" + touch.encode() + b"'\nios\nsystem\n."
    yield "object", b"(cos\nsystem\nS'" + touch.encode() + b"'\no."
    yield (
        "build with setstate",
        b"\x80\x04" + system + b")\x81}" + text("__setstate__") + system + b"sb.",
    )
    yield "new object", b"\x80\x04" + system + b"(" + text(touch) + b"t\x81."
    yield "new object with keywords", b"\x80\x04" + system + b"(" + text(touch) + b"t}\x92."
    yield "persistent", b"\x80\x04" + text(touch) + b"Q."
    yield "persistent text", b"Ptouch\n."
    yield "extension", b"\x80\x04\x82\x01."
    yield "extension of 4 bytes", b"\x80\x04\x84\xff\xff\xff\x7f."
    yield "next buffer", b"\x80\x05\x97."
    yield "list bomb", b"\x80\x04" + b"]" * 100_000 + b"."
    yield "list in lists", b"\x80\x04" + b"(l" * 3_000_000 + b"."
    yield "marks", b"\x80\x04" + b"(" * 1_000_000 + b"."
    yield "doubling lists", b"\x80\x04]q\0" + b"(h\0h\0h\0h\0e" * 100_000 + b"."
    yield "doubling tuples", b"\x80\x04N" + b"2\x86" * 400_000 + b"."
    yield "doubling tuples kept", b"\x80\x04N" + b"\x94h\0\x86" * 200_000 + b"."
    yield "memo far off", b"\x80\x04Nr\xff\xff\xff\xff."
    yield "memo text far off", b"Np99999999999999999999999999\n."
    yield "long number", b"\x80\x04\x8b\xff\xff\xff\x7f" + b"\xff" * 100_000
    yield "long number of digits", b"L" + b"9" * 900_000 + b"L\n."
    yield "long integer text", b"I" + b"9" * 900_000 + b"\n."
    yield "1 TB of bytes", b"\x80\x04\x8e" + struct.pack("<Q", 1 << 40) + b"x."
    yield "1 TB of text", b"\x80\x04\x8d" + struct.pack("<Q", 1 << 40) + b"x."
    yield "1 TB of bytearray", b"\x80\x05\x96" + struct.pack("<Q", 1 << 40) + b"x."
    yield "1 TB frame", b"\x80\x04\x95" + struct.pack("<Q", 1 << 40) + b"N."
    yield "2 GB of text", b"\x80\x04X\xff\xff\xff\x7f" + b"x" * 100
    yield "1 TB array", joblib_array(b"<f8", 1 << 40, b"")
    yield "array of negative size", joblib_array(b"<f8", -5, b"")
    yield "array of texts of 1 TB", joblib_array(b"<U99999999", 1 << 14, b"")
    yield "no stop", b"\x80\x04N"
    yield "protocol 99", b"\x80\x63N."
    yield "none", b"\x80\x04N."
    yield "text alone", b"\x80\x04" + text("a" * 900_000) + b"."
    yield "name of nothing", b"\x80\x04" + text("") + text("") + b"\x93."
    yield "name with markup", b"\x80\x04" + text("[red]") + text("\x1b[31m{{ 1 }}") + b"\x93."
    yield "name of 1 MB", b"\x80\x04" + text("a" * 1_000_000) + text("b") + b"\x93."
    yield "surrogates", b"\x80\x04" + text("\ud800") + b"."


def joblib_array(dtype: bytes, count: int, content: bytes) -> bytes:
    """A pickle of joblib: an array of numbers, whose bytes are between its steps."""
    kind = text("numpy") + text("dtype") + b"\x93" + text(dtype.decode()) + b"\x85R"
    size = b"\x8a\x08" + struct.pack("<q", count)
    state = (
        b"}("
        + text("dtype")
        + kind
        + text("shape")
        + size
        + b"\x85"
        + text("order")
        + text("C")
        + b"u"
    )
    wrapper = text("joblib.numpy_pickle") + text("NumpyArrayWrapper") + b"\x93)\x81"
    return b"\x80\x04" + wrapper + state + b"b" + content + b"."
