"""The kinds of fields, each with all its ends: from what callers have to what the model sees, and back.

A kind turns Python values into messages and messages into Python values (for clients), messages
into columns and columns into messages (for the server), and texts into values (for the command
line). The table in schema.py is made of kinds.
"""

from .flags import Flag
from .images import Image
from .labels import Label
from .numbers import Number
from .schema import Schema
from .tensors import Tensor
from .texts import Data, Text
from .varying import VaryingTensor
from .vectors import LabelVector

__all__ = [
    "Data",
    "Flag",
    "Image",
    "Label",
    "LabelVector",
    "Number",
    "Schema",
    "Tensor",
    "Text",
    "VaryingTensor",
]
