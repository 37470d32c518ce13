"""What the clients that check a system's answers have in common: python CLIENT PORT < ROWS."""

import base64
import json
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
IN_FLIGHT = 16

Row = Sequence[float]
# The label of the species, and the probability of each.
Answer = tuple[str, list[float]]


def run(predict: Callable[[Row], Answer], body: Callable[[Row], bytes]) -> None:
    """Ask about all rows, many at a time, so that batches are checked too; print the answers.

    Args:
        predict: Asks the system about one row, by its own client.
        body: Returns the request about one row as it goes over the wire.
    """
    rows = json.load(sys.stdin)
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        answers = list(pool.map(predict, rows))
    json.dump({"answers": answers, "body": base64.b64encode(body(rows[0])).decode()}, sys.stdout)


def port() -> int:
    """Return the port of the system to ask."""
    return int(sys.argv[1])


def as_json(row: Row) -> dict[str, Any]:
    """Return a row as the JSON services take it."""
    return dict(zip(FEATURES, row, strict=True))
