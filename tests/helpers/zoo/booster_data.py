"""What the boosted trees of the zoo are trained on, and how their answers are written."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROWS = 200


def table() -> pd.DataFrame:
    """Numbers, a whole number, a flag, and categories of texts and of numbers."""
    random = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "mean radius": random.normal(size=ROWS).astype(np.float32),
            "visits": random.integers(0, 9, ROWS),
            "member": random.integers(0, 2, ROWS).astype(bool),
            "color": pd.Categorical(random.choice(["red", "green", "blue", "light blue"], ROWS)),
            "zone": pd.Categorical(random.choice([10, 20, 30], ROWS)),
        }
    )


def numbers() -> np.ndarray[Any, np.dtype[np.float32]]:
    """Four columns without names."""
    return np.random.default_rng(8).normal(size=(ROWS, 4)).astype(np.float32)


def plain(value: Any) -> Any:
    """A value as JSON has it, with NaN as a text."""
    if isinstance(value, np.ndarray):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    return "nan" if isinstance(value, float) and math.isnan(value) else value


def write(
    folder: Path, made_by: str, rows: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]
) -> None:
    """Write the answers of a model, an array of them an output, next to it."""
    count = len(rows)
    content = {
        "made_by": made_by,
        "rows": [{name: plain(value) for name, value in row.items()} for row in rows],
        "answers": [
            {name: plain(values[place]) for name, values in answers.items()}
            for place in range(count)
        ],
    }
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (folder / "answers.json").write_text(f"{text}\n", encoding="utf-8")


def table_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, by the names of its columns."""
    names = list(frame.columns)
    return [dict(zip(names, row, strict=True)) for row in frame.itertuples(index=False, name=None)]
