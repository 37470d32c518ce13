"""Names made from free text, one spelling for each language that prints them."""

import re

from slugify import slugify

# The layout of the generated files is right up to these lengths, and longer names read badly.
LONGEST_FIELD = 50
LONGEST_NAME = 40
LONGEST_TITLE = 80


def words(text: str) -> list[str]:
    """The words of a free text in lower case: ASCII letters and digits only."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return [word for word in slugify(spaced).split("-") if word]


def kebab(text: str) -> str:
    """`Iris Classifier` -> `iris-classifier`."""
    return "-".join(words(text))


def snake(text: str) -> str:
    """`Iris Classifier` -> `iris_classifier`."""
    return "_".join(words(text))


def upper(text: str) -> str:
    """`Iris Classifier` -> `IRIS_CLASSIFIER`."""
    return snake(text).upper()


def pascal(text: str) -> str:
    """`Iris Classifier` -> `IrisClassifier`."""
    return "".join(word.capitalize() for word in words(text))


def json_name(name: str) -> str:
    """The name protobuf gives a field in JSON: `sepal_length` -> `sepalLength`."""
    return re.sub(r"_+([a-z0-9]?)", lambda match: match[1].upper(), name)
