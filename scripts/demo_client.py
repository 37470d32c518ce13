"""Asks the demo's server about flowers of the data set, one a species; run by demo.py."""

import sys

from iris_classifier import Client
from rich.console import Console
from rich.table import Table

FLOWERS = {
    "sepal_length": [5.1, 7.0, 6.3],
    "sepal_width": [3.5, 3.2, 3.3],
    "petal_length": [1.4, 4.7, 6.0],
    "petal_width": [0.2, 1.4, 2.5],
}
SPECIES = ["setosa", "versicolor", "virginica"]


def main() -> None:
    """Predict all flowers in one call, and show them beside what they are."""
    with Client(sys.argv[1]) as client:
        predictions = client.batch_predict(FLOWERS)
    table = Table(*FLOWERS, "is", "predicted", "probability")
    rows = zip(*FLOWERS.values(), SPECIES, predictions.species, strict=True)
    for row, probabilities in zip(rows, predictions.probabilities, strict=True):
        table.add_row(*map(str, row), f"{probabilities.max():.3f}")
    Console(width=120).print(table)
    if predictions.species != SPECIES:
        sys.exit("The predictions are wrong.")


if __name__ == "__main__":
    main()
