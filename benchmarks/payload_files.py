"""Writes what large requests hold, and prints the right answers; runs in its own environment.

python payload_files.py FOLDER NAME...

The folder has what models.py wrote. A name is tensor, jpeg, rows-COUNT or values-BYTES.
"""

import json
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_iris

sys.path.append(str(Path(__file__).with_name("shared")))

from bench_reductions import brightness, largest

SHAPE = (3, 224, 224)
# A picture of this size and quality, with edges and grain like a photograph's, has about 100 kB.
WIDTH, HEIGHT, QUALITY, GRAIN = 640, 480, 90, 6
# What probabilities of float32 may differ by; what brightness may, where decoders round.
EXACT, ROUNDED, DECODED = 0.0, 1e-5, 0.5


def main(folder: Path, names: list[str]) -> None:
    """Write a file a name, and print each with its answer."""
    print(json.dumps({name: write(folder, name) for name in names}))


def write(folder: Path, name: str) -> dict[str, Any]:
    """Write one file, and return where it is and what the answer to it is."""
    kind, _, size = name.partition("-")
    if kind == "jpeg":
        file = folder / f"{name}.jpg"
        picture().save(file, quality=QUALITY)
        return answer(file, brightness(np.asarray(Image.open(file))[np.newaxis]), DECODED)
    file = folder / f"{name}.npy"
    if kind == "rows":
        rows = np.resize(load_iris().data, (int(size), 4)).astype(np.float32)
        np.save(file, rows)
        probabilities = joblib.load(folder / "lr.joblib").predict_proba(rows)
        numbers = np.concatenate([probabilities.argmax(1), probabilities.ravel()])
        return answer(file, numbers, ROUNDED)
    shape = SHAPE if kind == "tensor" else (1, 1, int(size) // 4)
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    np.save(file, values)
    return answer(file, largest(values[np.newaxis]), EXACT)


def answer(file: Path, numbers: NDArray[Any], tolerance: float) -> dict[str, Any]:
    """Return what the benchmark needs to know of a file."""
    return {"given": str(file), "numbers": numbers.ravel().tolist(), "tolerance": tolerance}


def picture() -> Image.Image:
    """Return a picture that compresses about as well as a photograph."""
    random = np.random.default_rng(0)
    shapes = Image.fromarray(random.integers(0, 256, (12, 16, 3), np.uint8))
    smooth = np.asarray(shapes.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), np.float32)
    grained = smooth + random.normal(scale=GRAIN, size=(HEIGHT, WIDTH, 1))
    return Image.fromarray(grained.clip(0, 255).astype(np.uint8))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
