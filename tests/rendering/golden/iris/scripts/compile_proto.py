"""Compile the protos under proto/ into Python stubs under src/.

    python scripts/compile_proto.py [--out DIR]

The same protos give the same bytes everywhere: only the grpcio-tools version pinned in
pyproject.toml is used.
"""

import argparse
import importlib.metadata
import itertools
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

try:
    import tomllib
except ModuleNotFoundError:
    sys.exit("compile_proto.py: needs Python 3.11 or newer; run: python3 scripts/install.py")

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Read the command line, check the tools and compile."""
    parser = argparse.ArgumentParser(description="Compile the protos under proto/ into stubs.")
    parser.add_argument("--out", type=Path, default=ROOT / "src", help="folder to write to")
    out = parser.parse_args().out.resolve()
    try:
        check_tools(pinned_version())
        compile_protos(out)
    except (OSError, ValueError) as error:
        fail(str(error))


def pinned_version() -> str:
    """Return the grpcio-tools version that pyproject.toml pins in one of its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project.get("optional-dependencies", {}).values()
    for requirement in itertools.chain.from_iterable(extras):
        if pin := re.match(r"grpcio-tools\s*==\s*([^\s;,]+)", requirement):
            return pin[1]
    fail("pyproject.toml pins no grpcio-tools; put grpcio-tools==VERSION into the proto extra")


def check_tools(pinned: str) -> None:
    """Refuse to compile with any grpcio-tools but the pinned one."""
    try:
        installed = importlib.metadata.version("grpcio-tools")
    except importlib.metadata.PackageNotFoundError:
        installed = "none"
    if installed != pinned:
        fail(
            f"needs grpcio-tools {pinned}, but this Python has {installed}; "
            "run: python3 scripts/install.py"
        )


def compile_protos(out: Path) -> None:
    """Compile every proto into `out`, leaving it as it was if one of them is wrong."""
    protos = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("proto/**/*.proto"))
    if not protos:
        fail("there is no .proto file under proto/")
    out.mkdir(parents=True, exist_ok=True)
    # Inside `out`, so that moving a file is one atomic rename on the same disk.
    with tempfile.TemporaryDirectory(prefix=".compile_proto-", dir=out) as folder:
        run_protoc(protos, folder)
        for stub in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
            # A proto checked out with CRLF brings it into the docstrings of the stubs.
            stub.write_bytes(stub.read_bytes().replace(b"\r\n", b"\n"))
            target = out / stub.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            stub.replace(target)


def run_protoc(protos: list[str], out: str) -> None:
    """Run the protoc of grpcio-tools, which adds the well-known types by itself."""
    out = os.path.relpath(out, ROOT)  # To protoc, a colon ends options; so none of a folder above.
    command = [sys.executable, "-m", "grpc_tools.protoc", "--proto_path=proto"]
    command += [f"--python_out={out}", f"--pyi_out={out}", f"--grpc_python_out={out}"]
    if subprocess.run([*command, *protos], cwd=ROOT).returncode:
        fail("protoc refused the protos, see above; the stubs are as they were")


def fail(message: str) -> NoReturn:
    """Stop with one line and exit status 1."""
    sys.exit(f"compile_proto.py: {message}")


if __name__ == "__main__":
    main()
