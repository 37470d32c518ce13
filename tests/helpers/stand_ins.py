"""Pickles of objects whose classes are not installed here."""

import pickle
from typing import Any

HEAD = b"\x80\x04"


class Stand:
    """Pickled under the name of any class, with any state."""

    def __init__(self, name: str, state: Any) -> None:
        """The class is `module.name`."""
        self.name, self.state = name, state


def pickled(value: Any) -> bytes:
    """A pickle with stand-ins in it for classes that are not installed here."""
    return HEAD + steps(value) + b"."


def steps(value: Any) -> bytes:
    """The steps that make a value."""
    if isinstance(value, Stand):
        module, _, name = value.name.rpartition(".")
        return steps(module) + steps(name) + b"\x93)\x81" + steps(value.state) + b"b"
    if isinstance(value, dict):
        return b"}(" + b"".join(steps(each) for pair in value.items() for each in pair) + b"u"
    if isinstance(value, list | tuple):
        end = b"t" if isinstance(value, tuple) else b"l"
        return b"(" + b"".join(map(steps, value)) + end
    return pickle.dumps(value, protocol=3)[2:-1].replace(b"q\x00", b"")


# A fitted tree, as small as one can be.
TREE = Stand(
    "sklearn.tree._classes.DecisionTreeRegressor",
    {"n_features_in_": 3, "n_outputs_": 1, "_sklearn_version": "1.9.1"},
)
