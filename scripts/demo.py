"""Bakes the default project, serves it, and asks it about some irises; run by ``make demo``."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cookiecutter.main import cookiecutter
from rich.console import Console

TEMPLATE = Path(__file__).resolve().parent.parent
CLIENT = Path(__file__).with_name("demo_client.py")
FLOWER = "--sepal-length 6.3 --sepal-width 3.3 --petal-length 6.0 --petal-width 2.5"

console = Console(highlight=False)


def main() -> None:
    """Go from nothing to predictions, and say how long it took."""
    started = time.monotonic()
    # uv stands beside the Python that runs this.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory(prefix="grpc-ml-demo-") as folder:
        console.rule("Bake the default project")
        project = Path(cookiecutter(str(TEMPLATE), no_input=True, output_dir=folder))
        binaries = project / ".venv" / "bin"
        console.rule("Serve it: make serve")
        with served(binaries / "iris-classifier") as target:
            console.print(
                f"Serving on {target}, {time.monotonic() - started:.1f} s after the start"
            )
            console.rule("Ask it from Python: Client")
            subprocess.run([binaries / "python", CLIENT, target], check=True)
            console.rule(f"Ask it from the shell: iris-classifier predict {FLOWER}")
            predict: list[str | Path] = [binaries / "iris-classifier", "predict", *FLOWER.split()]
            subprocess.run([*predict, "--server", target], check=True)
        console.print("Stopped.")


@contextmanager
def served(command: Path) -> Iterator[str]:
    """Run the server on a free port; yield where it is; stop it as a platform would."""
    environment = {**os.environ, "SERVER_HOST": "127.0.0.1", "SERVER_PORT": "0"}
    with subprocess.Popen(
        [command, "serve"], env=environment, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            yield address(server)
        finally:
            server.terminate()
            server.wait(timeout=30)


def address(server: subprocess.Popen[str]) -> str:
    """Wait for the line that tells where the server is."""
    assert server.stderr
    lines = []
    for line in server.stderr:
        lines.append(line)
        if found := re.search(r"Serving on (\S+)", line):
            return found[1]
    sys.exit("The server did not start:\n" + "".join(lines))


if __name__ == "__main__":
    main()
