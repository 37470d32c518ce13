"""Reads pickles, those of joblib too, without importing or running what they name."""

import math
import pickle
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..common.opening import SourceError, opened
from .arrays import OBJECTS, OPAQUE, Array, Dtype, checked_shape, decoded, dtype_of, is_kept
from .inert import Made, Name
from .pickle_steps import ForeignError, Steps
from .streams import BROKEN, ExpandedStream, TooLargeError, stream_of

HAS_OBJECTS = 1
WRAPPER = Name("joblib.numpy_pickle.NumpyArrayWrapper")
DTYPE = Name("numpy.dtype")
FAULTS = (
    *BROKEN, ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError,
    TypeError, pickle.UnpicklingError, struct.error,
)  # fmt: skip

AGAIN = 'save the model again, with joblib.dump(model, "model.joblib")'
# How files begin that are often taken for pickles, and what they are.
OTHERS = {
    b"PK\x03\x04": (
        "it is a zip archive, as PyTorch and skops write",
        "name it .skops if it is one, and export a PyTorch model with torch.export.save",
    ),
    b"\x89HDF": ("it is a file of HDF5, as Keras wrote", 'save the model with "model.keras"'),
    b"\x04\x22M\x18": (
        "it is compressed with LZ4",
        'save it with joblib.dump(model, "model.joblib", compress=("zlib", 3))',
    ),
    b"ZF": ("it was saved by joblib 0.9 or older", AGAIN),
    b"\x93NUMPY": ("it is an array of NumPy", "name it .npy to have it as a sample"),
}


@dataclass(frozen=True)
class Loaded:
    """What a pickle holds.

    Attributes:
        root: Its object, in inert form.
        names: Every global that loading it would import, as `module.name`.
        needs_joblib: Whether `pickle.load` cannot read it.
    """

    root: object
    names: list[str]
    needs_joblib: bool


def load_inert(path: Path) -> Loaded:
    """What a pickle holds, as inert objects.

    Raises:
        SourceError: If it is none, broken, or larger than a model is.
    """
    with opened(path) as view:
        for magic, (fault, fix) in OTHERS.items():
            if bytes(view[: len(magic)]) == magic:
                raise SourceError(fault, fix)
        try:
            stream = stream_of(view)
            unpickler = Unpickler(stream)
            root = unpickler.load()
        except TooLargeError:
            raise SourceError(
                "it has more in it than is read of a model",
                "answer the schema by hand and load the model in model.py",
            ) from None
        except ForeignError:
            raise SourceError(
                "it refers to what is kept outside of the pickle, as files of PyTorch do",
                "export a PyTorch model with torch.export.save",
            ) from None
        except FAULTS:
            raise SourceError("it is no pickle, or a broken one", AGAIN) from None
    needs_joblib = isinstance(stream, ExpandedStream) or WRAPPER.text in unpickler.names
    return Loaded(root, sorted(unpickler.names), needs_joblib)


class Unpickler(Steps):
    """Reads a pickle with the arrays in it, which joblib puts between its steps."""

    is_inner = False

    def build(self, target: Any, state: Any) -> object:
        """An object with its state; for joblib's stand-in for an array, the array that follows."""
        if isinstance(target, Array):
            _, shape, dtype, _, content = state
            self._fill(target, dtype, shape, content)
            return target
        if not isinstance(target, Made):
            raise TypeError("only objects have a state")
        if target.maker == DTYPE:
            target.args = (*target.args[:1], state)
        else:
            target.update(state)
        if target.maker == WRAPPER and not self.is_inner:
            return self._raw_array(target.state)
        return target

    def make(self, maker: object, args: Any) -> object:
        """What a call would give: arrays and what they are made of, else an inert object."""
        self.count()
        name = maker.text if isinstance(maker, Name) else ""
        package, function = name.partition(".")[0], name.rpartition(".")[2]
        if package == "numpy" and function == "_reconstruct":
            return Array()
        if package == "numpy" and function == "_frombuffer":
            array = Array()
            self._fill(array, args[1], args[2], args[0])
            return array
        if package == "numpy" and function == "scalar":
            return scalar(args)
        if name == "_codecs.encode":
            return args[0].encode("latin1") if isinstance(args[0], str) else args[0]
        if name == "copyreg._reconstructor":
            return Made(args[0])
        return Made(maker, args)

    def _fill(self, array: Array, dtype: object, shape: object, content: object) -> None:
        array.fill(dtype_in(dtype), shape, content if isinstance(content, bytes | list) else None)
        if isinstance(content, bytes) and array.content is None:
            self.stream.forget(len(content))

    def _raw_array(self, wrapper: dict[str, Any]) -> Array:
        """What follows in the stream: an array's bytes, or a pickle of its objects."""
        dtype, shape = dtype_in(wrapper["dtype"]), checked_shape(wrapper["shape"])
        if dtype is OBJECTS:
            return self._nested_array()
        if wrapper.get("numpy_array_alignment_bytes") is not None:
            self.stream.skip(self.stream.read(1)[0])
        size = math.prod(shape) * dtype.size
        content = None
        if is_kept(dtype, shape):
            self.stream.keep(size)
            content = self.stream.read(size)
        else:
            self.stream.skip(size)
        array = Array()
        array.fill(dtype, shape, content)
        return array

    def _nested_array(self) -> Array:
        inner = Unpickler(self.stream)
        inner.is_inner = True
        inner.names, inner.steps, inner.made = self.names, self.steps, self.made
        value = inner.load()
        self.steps, self.made = inner.steps, inner.made
        return value if isinstance(value, Array) else Array()


def scalar(args: tuple[Any, ...]) -> object:
    """A NumPy scalar as Python has it; an inert object if it has none."""
    dtype, content = dtype_in(args[0]), args[1] if len(args) > 1 else None
    if not dtype.is_simple or not isinstance(content, bytes) or len(content) != dtype.size:
        return Made(Name("numpy.generic"))
    return decoded(dtype, content, 1)[0]


def dtype_in(value: object) -> Dtype:
    """The dtype that an inert object stands for."""
    if not isinstance(value, Made) or value.maker != DTYPE:
        return OBJECTS  # Of the new kinds that NumPy has, joblib pickles the elements.
    text, *states = value.args
    if not isinstance(text, str):
        return OPAQUE
    state = states[0] if states and isinstance(states[0], tuple) else ()
    if text.startswith("O") or (len(state) > 7 and int(state[7]) & HAS_OBJECTS):
        return OBJECTS
    return dtype_of(text, state[1] if len(state) > 1 and isinstance(state[1], str) else "")
