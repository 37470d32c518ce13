"""Writes the samples of inputs that tests read: `make_samples.py FOLDER`.

uv run --no-project --python 3.11 --with pandas==3.1.1 --with pyarrow==26.0.1 --with polars==2.1.0 \
    --with pydantic==2.14.4 make_samples.py FOLDER
"""

import datetime
import decimal
import enum
import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, Field


class Housing(enum.StrEnum):
    """An enum, which pydantic writes as a reference."""

    RENT = "rent"
    OWN = "own"


class Customer(BaseModel):
    """What pydantic has of everything."""

    age: int = Field(ge=18, le=120, description="Age in years")
    income: float | None = Field(default=None, ge=0)
    children: int = Field(gt=-1, lt=20)
    share: float = Field(gt=0, lt=1)
    housing: Housing = Housing.RENT
    plan: Literal["basic", "plus"]
    is_member: bool = False
    note: str | None = None
    postcode: str = Field(pattern=r"\d{5}", default='0"1')
    since: datetime.date
    point: tuple[float, float] = (0.0, 0.0)
    history: list[float]
    grid: list[list[int]]
    three: Annotated[list[float], Field(min_length=3, max_length=3)]
    radius: float = Field(alias="mean radius")


def frame() -> pd.DataFrame:
    """A table with an index, gaps and types that the schema language has not."""
    return pd.DataFrame(
        {
            "mean radius": [1.5, 2.5, np.nan],
            "rooms": [1, 2, 3],
            "small": np.array([1, 2, 3], "int8"),
            "large": np.array([1, 2, 2**63 + 1], "uint64"),
            "ratio": np.array([0.5, 1.5, 2.5], "float32"),
            "city": ["Bonn", "Köln", None],
            "is_new": [True, False, True],
            "is_sold": [True, None, False],
            "day": pd.to_datetime(["2024-01-01"] * 3),
            "kind": pd.Categorical(["x", "y", "x"]),
            "raw": [b"1", b"2", b"3"],
            "count": pd.array([1, None, 3], dtype="Int64"),
        },
        index=pd.Index([5, 6, 7], name="key"),
    )


def write_parquet(folder: Path) -> None:
    """Files of pandas, polars and Arrow."""
    frame().to_parquet(folder / "pandas.parquet")
    pl.DataFrame(
        {
            "a": [1, 2, None],
            "b": ["x", "y", "z"],
            "u": pl.Series([1, 2, 3], dtype=pl.UInt8),
            "l": [[1.0], [2.0], [3.0]],
            "f": pl.Series([1.0, 2.0, 3.0], dtype=pl.Float32),
            "t": [datetime.datetime(2024, 1, 1)] * 3,
        }
    ).write_parquet(folder / "polars.parquet")
    table = pa.table(
        {
            "vector": [[1.0, 2.0], [3.0]],
            "matrix": pa.array([[[1], [2]], [[3]]], pa.list_(pa.list_(pa.int32()))),
            "words": [["a"], ["b", "c"]],
            "price": [decimal.Decimal("1.20"), decimal.Decimal("2.30")],
            "half": np.array([1, 2], "float16"),
        }
    )
    pq.write_table(table, folder / "lists.parquet")
    pq.write_table(
        table.drop(["half"]), folder / "old.parquet", version="1.0", write_statistics=False
    )
    pq.write_table(pa.table({"home": [{"street": "a"}]}), folder / "struct.parquet")


def write_numpy(folder: Path) -> None:
    """Arrays, records and archives."""
    np.save(folder / "matrix.npy", np.arange(12.0).reshape(3, 4))
    np.save(folder / "columns.npy", np.asfortranarray(np.arange(12.0).reshape(3, 4)))
    fields = [
        ("id", ">i4"),
        ("my value", "f8"),
        ("text", ">U3"),
        ("pair", "f4", (2,)),
        ("flag", "?"),
    ]
    rows = [(1, 2.5, "äb", [1, 2], True), (2, np.nan, "c", [3, 4], False)]
    np.save(folder / "records.npy", np.array(rows, np.dtype(fields, align=True)))
    np.save(folder / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.savez(folder / "arrays.npz", x=np.ones((3, 2, 2), "float32"), y=np.array([b"a", b"b", b"c"]))
    np.savez_compressed(folder / "uneven.npz", x=np.ones((3, 2)), y=np.ones(4))


def write_schemas(folder: Path) -> None:
    """What pydantic writes, alone and in an OpenAPI document."""
    schema = Customer.model_json_schema()
    (folder / "customer.json").write_text(json.dumps(schema, indent=1) + "\n")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for write in (write_parquet, write_numpy, write_schemas):
        write(target)
