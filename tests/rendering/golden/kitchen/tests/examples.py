"""Two instances that the tests ask about.

Rows of your own may take their place, with a value for every field, also for those with a default.
"""

import numpy as np

from kitchen.schema import Instance

from .pictures import grey, png

INSTANCE: Instance = {
    "age": 60,
    "height": 1.3,
    "weight": 0.5,
    "small": 1,
    "flag": True,
    "opt_flag": True,
    "name": "some text",
    "nick": "some text",
    "blob": b"some text",
    "optblob": b"some text",
    "kind": "a",
    "colour": "red",
    "vec": np.resize([0.0, -1.0], (3,)),
    "mat": np.resize([0.5, 1.5], (2, 3)),
    "words": np.resize(["some text", "another text"], (2,)),
    "tokens": np.resize([1, 2], (2,)),
    "seq": np.resize([0.5, 1.5], (3, 3)),
    "ragged": np.resize([0.5, 0.0], (2, 3)),
    "strs": np.resize(["some text", "another text"], (2,)),
    "photo": png(grey((8, 8, 3), 96)),
    "free": png(grey((2, 3, 3), 96)),
    "mask": np.resize([True, False], (4,)),
    "pix": np.resize([1, 2], (2, 2)),
    "big": 1,
    "prior": {"a": 0.5, "b c": 0.0, "ü/ö": 0.5},
}
OTHER: Instance = {
    "age": 0,
    "height": 0.1,
    "weight": 1.5,
    "small": 2,
    "flag": False,
    "opt_flag": False,
    "name": "another text",
    "nick": "another text",
    "blob": b"another text",
    "optblob": b"another text",
    "kind": "b c",
    "colour": "green",
    "vec": np.resize([-1.0, 0.0], (3,)),
    "mat": np.resize([1.5, 0.5], (2, 3)),
    "words": np.resize(["another text", "some text"], (2,)),
    "tokens": np.resize([2, 1], (3,)),
    "seq": np.resize([1.5, 0.5], (3, 4)),
    "ragged": np.resize([0.0, 0.5], (3, 4)),
    "strs": np.resize(["another text", "some text"], (3,)),
    "photo": png(grey((8, 8, 3), 160)),
    "free": png(grey((3, 4, 3), 160)),
    "mask": np.resize([False, True], (4,)),
    "pix": np.resize([2, 1], (2, 2)),
    "big": 2,
    "prior": {"a": 0.0, "b c": 0.5, "ü/ö": 0.0},
}

# The same as columns.
COLUMNS = {name: [INSTANCE.get(name), OTHER.get(name)] for name in INSTANCE}
