"""Reads files of LightGBM around their trees, which are nearly all of them.

What ``Booster.save_model`` writes is text: a header of lines ``key=value``, the trees, the
parameters of training as lines ``[key: value]``, and the categories of pandas as JSON.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from ..common.opening import SourceError
from ..common.plain import listed

# Bytes that are parsed on each side of the trees; parsing takes 50 times as many in memory.
MOST_AROUND_TREES = 2 << 20
SAVE = 'save it with model.save_model("model.txt"), or model.booster_.save_model of LGBMClassifier'
CATEGORIES = b"\npandas_categorical:"
CHOSEN = re.compile(r"^\[categorical_feature: ([0-9,]+)\]$", re.MULTILINE)


@dataclass(frozen=True)
class Saved:
    """What a file has except its trees.

    Attributes:
        header: Its first lines, by their keys; a key with no value has an empty one.
        chosen: The places of the columns that training took for categories.
        categories: Those of each categorical column of pandas, in the order of the columns.
    """

    header: dict[str, str]
    chosen: tuple[int, ...]
    categories: list[list[Any]]


def load(content: memoryview) -> Saved:
    """What a file has except its trees.

    Raises:
        SourceError: If it is no such file.
    """
    start = bytes(content[:MOST_AROUND_TREES])
    if not re.match(rb"tree\r?\n", start):
        raise SourceError("it is no model of LightGBM", SAVE)
    header, trees, _ = start.partition(b"\nTree=")
    if not trees:
        raise SourceError(
            f"no trees begin in its first {MOST_AROUND_TREES >> 20} MiB, so it is no model", SAVE
        )
    _, _, rest = bytes(content[-MOST_AROUND_TREES:]).rpartition(b"\nend of trees")
    parameters, _, categories = rest.rpartition(CATEGORIES)
    if not categories:
        raise broken()
    try:
        lines = (line.partition("=") for line in header.decode().splitlines())
        chosen = CHOSEN.search(parameters.decode())
        return Saved(
            {key: value for key, _, value in lines},
            tuple(int(place) for place in chosen[1].split(",") if place) if chosen else (),
            [listed(each) for each in listed(json.loads(categories) or [])],
        )
    except (ValueError, RecursionError):
        raise broken() from None


def broken() -> SourceError:
    """The error of a file that the library did not write, or not to its end."""
    return SourceError("it is no whole model of LightGBM", SAVE)
