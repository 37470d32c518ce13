"""Serves models as they are found, and writes a table of how many answer as onnxruntime does.

Run by ``make zoo``. Exits with 1 if fewer agree than should.
"""

import argparse
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from zoo_models import TEMPLATE, ZooModel, chosen, collect, make_environment, versions
from zoo_steps import Result, Steps
from zoo_table import page, share

# The share of the models that onnxruntime runs by itself.
AT_LEAST = 0.97
AT_ONCE = 2

console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def main() -> None:
    """Try all models that are asked for, and write the page."""
    arguments = parse()
    # So that whatever runs is stopped before this does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="grpc-ml-zoo-") as temporary:
        folder = arguments.folder or Path(temporary)
        console.print("Installing what has models, and what runs them ...")
        python = make_environment(folder / "environment")
        found = collect(python, folder / "exported")
        models = chosen(found, arguments.names, arguments.every)
        shutil.rmtree(folder / "made", ignore_errors=True)
        results = [*tried(models, Steps(python), folder / "made")]
        text = page(results, versions(python), command_for(arguments))
    arguments.out.write_text(text, encoding="utf-8")
    run = sum(result.runs for result in results)
    console.print(f"{share(results):.1%} of the {run} that onnxruntime runs agree: {arguments.out}")
    sys.exit(share(results) < AT_LEAST)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help='models, as "scikit-learn/forest"; all if none')
    parser.add_argument("--every", type=int, default=1, help="try one in so many")
    parser.add_argument("--folder", type=Path, help="where to keep the environment and projects")
    out = TEMPLATE / "docs" / "zoo.md"
    parser.add_argument("--out", type=Path, default=out, help="where the page goes")
    arguments = parser.parse_args()
    arguments.folder = arguments.folder and arguments.folder.resolve()
    return arguments


def command_for(arguments: argparse.Namespace) -> str:
    """Return what to run to get the same page."""
    every = [f"--every={arguments.every}"] if arguments.every > 1 else []
    options = [*every, *map(shlex.quote, arguments.names)]
    return " ".join(["python scripts/zoo.py", *options]) if options else "make zoo"


def tried(models: Sequence[ZooModel], steps: Steps, folder: Path) -> Iterator[Result]:
    """Try models, some at once, and yield what came of each in their order."""
    folders = [folder / str(number) for number in range(len(models))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = pool.map(steps.take, models, folders)
        for number, (result, made) in enumerate(zip(results, folders, strict=True), 1):
            words = "agrees" if result.agrees else "{}: {}".format(*result.first_failure)
            about = f"{result.model.group}/{result.model.name}"
            console.print(f"{number:3} of {len(models)}  {about}  {words}")
            if result.agrees:
                shutil.rmtree(made)
            yield result


if __name__ == "__main__":
    main()
