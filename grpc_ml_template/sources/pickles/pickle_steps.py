"""The steps of a pickle: Python's own where they are harmless, else ones that make inert objects."""

import _compat_pickle
import pickle
import re
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from .arrays import MOST_BYTES
from .inert import Made, Name
from .streams import LONGEST_TEXT, Stream, TooLargeError

# Steps that a pickle may take: those of 3,000 trees, or of 500,000 words. A second each million.
MOST_STEPS = 2_000_000
# Steps that make a list, a dict or an object, which take more memory than others.
MOST_MADE = 500_000
MOST_MARKS = 5_000
MOST_MEMO = 1 << 32
LONGEST_NAME = 500
NAME = re.compile(r"[\w.<>]+")
# Characters take up to four bytes in memory for each in the file.
WIDEST = 4


class ForeignError(Exception):
    """A pickle that refers to what is kept outside of it, as those of PyTorch do."""


class _Ended(Exception):  # noqa: N818
    """The pickle is complete."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Steps(pickle._Unpickler, ABC):
    """Makes inert objects where `pickle.load` would make real ones.

    `names` has every global that loading would import.
    """

    # Attributes of the base class, which its stubs leave out.
    append: Callable[[Any], None]
    memo: dict[int, Any]
    metastack: list[list[Any]]
    pop_mark: Callable[[], list[Any]]
    load_mark: Callable[[], None]
    proto: int
    stack: list[Any]

    def __init__(self, stream: Stream) -> None:
        """Read from where `stream` stands."""
        super().__init__(stream, encoding="latin1")
        self.stream = stream
        self.names: set[str] = set()
        self.steps = self.made = 0

    def load(self) -> Any:
        """The object that is saved, in inert form."""
        read: Callable[[int], bytes] = self.stream.read
        dispatch: dict[int, Callable[[Any], None]] = self.dispatch
        self.read, self.readline = read, self.stream.readline
        self.metastack, self.stack, self.proto = [], [], 0
        self.append = self.stack.append
        try:
            while self.steps < MOST_STEPS:
                self.steps += 1
                dispatch[read(1)[0]](self)
        except _Ended as end:
            return end.value
        raise TooLargeError

    def find_class(self, module: str, name: str) -> Name:
        """A stand-in for a global; nothing is imported."""
        if self.proto < 3:
            module, name = _compat_pickle.NAME_MAPPING.get((module, name), (module, name))
            module = _compat_pickle.IMPORT_MAPPING.get(module, module)
        text = f"{module}.{name}"
        if len(text) > LONGEST_NAME or not NAME.fullmatch(text):
            raise ValueError("it names something that Python cannot")
        self.count()
        self.names.add(text)
        return Name(text)

    def persistent_load(self, pid: Any) -> Any:
        """Refuse what is kept elsewhere."""
        raise ForeignError

    def count(self) -> None:
        """Count an object that takes memory."""
        self.made += 1
        if self.made > MOST_MADE:
            raise TooLargeError

    @abstractmethod
    def make(self, maker: object, args: Any) -> object:
        """What a call would give."""

    @abstractmethod
    def build(self, target: Any, state: Any) -> object:
        """An object with its state; not always the same object."""

    def text(self, size: int) -> object:
        """A text of so many bytes; an inert object in place of one too long to be a name."""
        if size > LONGEST_TEXT:
            self.stream.skip(size)
            return Made(Name("builtins.str"))
        content = self.stream.read(size)
        self.stream.keep(size if content.isascii() else size * WIDEST)
        return str(content, "utf-8", "surrogatepass")

    def old_text(self, size: int) -> object:
        """A text of Python 2, of so many bytes."""
        return self.read_kept(size).decode("latin1")

    def number(self, size: int) -> object:
        """A whole number of so many bytes."""
        return pickle.decode_long(self.read_kept(size))

    def read_kept(self, size: int) -> bytes:
        """So many bytes, which stay in memory."""
        self.stream.keep(size)
        return self.stream.read(size)

    def content(self, size: int) -> object:
        """So many bytes; an inert object in place of those of a large array."""
        if size > MOST_BYTES:
            self.stream.skip(size)
            return Made(Name("builtins.bytes"))
        return self.read_kept(size)

    def put_items(self, target: object, items: list[Any]) -> None:
        """Put pairs into a dict; what is no attribute, and has no text for a key, is left out."""
        if isinstance(target, dict):
            pairs = zip(items[::2], items[1::2], strict=True)
            target.update((key, value) for key, value in pairs if type(key) is str)


def _frame(steps: Steps) -> None:
    steps.stream.read(8)  # Frames are for readers who look ahead.


def _mark(steps: Steps) -> None:
    if len(steps.metastack) > MOST_MARKS:
        raise TooLargeError
    steps.metastack.append(steps.stack)
    steps.stack = []
    steps.append = steps.stack.append


def _sized(layout: str, take: Callable[[Steps, int], object]) -> Callable[[Steps], None]:
    length = struct.Struct(layout)

    def step(steps: Steps) -> None:
        (size,) = length.unpack(steps.stream.read(length.size))
        steps.append(take(steps, size))

    return step


def _new_list(steps: Steps) -> None:
    steps.count()
    steps.append([])


def _new_dict(steps: Steps) -> None:
    steps.count()
    steps.append({})


def _marked_list(steps: Steps) -> None:
    steps.count()
    items = steps.pop_mark()
    steps.append(items)


def _marked_dict(steps: Steps) -> None:
    steps.count()
    items, made = steps.pop_mark(), dict[str, Any]()
    steps.put_items(made, items)
    steps.append(made)


def _set_item(steps: Steps) -> None:
    value, key = steps.stack.pop(), steps.stack.pop()
    steps.put_items(steps.stack[-1], [key, value])


def _set_items(steps: Steps) -> None:
    items = steps.pop_mark()
    steps.put_items(steps.stack[-1], items)


def _add_items(steps: Steps) -> None:
    items = steps.pop_mark()
    steps.stack[-1].extend(items)


def _instance(steps: Steps) -> None:
    module, name = (steps.stream.readline()[:-1].decode("utf-8") for _ in range(2))
    args = tuple(steps.pop_mark())
    steps.append(steps.make(steps.find_class(module, name), args))


def _object(steps: Steps) -> None:
    maker, *args = steps.pop_mark()
    steps.append(steps.make(maker, tuple(args)))


def _new_object_with_keywords(steps: Steps) -> None:
    steps.stack.pop()
    _call(steps)


def _call(steps: Steps) -> None:
    args, maker = steps.stack.pop(), steps.stack.pop()
    steps.append(steps.make(maker, args))


def _build(steps: Steps) -> None:
    state = steps.stack.pop()
    steps.stack[-1] = steps.build(steps.stack[-1], state)


def _put(steps: Steps) -> None:
    place = int(steps.stream.readline()[:-1])
    if not 0 <= place < MOST_MEMO:
        raise ValueError("a place that no pickle has")
    steps.memo[place] = steps.stack[-1]


def _stop(steps: Steps) -> None:
    raise _Ended(steps.stack.pop())


def _refuse(steps: Steps) -> None:
    raise ForeignError


def _keep_top(steps: Steps) -> None:
    """READONLY_BUFFER: what is on top stays as it is."""


STEPS: dict[bytes, Callable[[Steps], None]] = {
    pickle.FRAME: _frame,
    pickle.MARK: _mark,
    pickle.SHORT_BINUNICODE: _sized("<B", Steps.text),
    pickle.BINUNICODE: _sized("<I", Steps.text),
    pickle.BINUNICODE8: _sized("<Q", Steps.text),
    pickle.SHORT_BINSTRING: _sized("<B", Steps.old_text),
    pickle.BINSTRING: _sized("<I", Steps.old_text),
    pickle.LONG1: _sized("<B", Steps.number),
    pickle.LONG4: _sized("<I", Steps.number),
    pickle.SHORT_BINBYTES: _sized("<B", Steps.content),
    pickle.BINBYTES: _sized("<I", Steps.content),
    pickle.BINBYTES8: _sized("<Q", Steps.content),
    pickle.BYTEARRAY8: _sized("<Q", Steps.content),
    pickle.EMPTY_LIST: _new_list,
    pickle.EMPTY_SET: _new_list,
    pickle.EMPTY_DICT: _new_dict,
    pickle.LIST: _marked_list,
    pickle.FROZENSET: _marked_list,
    pickle.DICT: _marked_dict,
    pickle.SETITEM: _set_item,
    pickle.SETITEMS: _set_items,
    pickle.ADDITEMS: _add_items,
    pickle.INST: _instance,
    pickle.OBJ: _object,
    pickle.NEWOBJ: _call,
    pickle.NEWOBJ_EX: _new_object_with_keywords,
    pickle.REDUCE: _call,
    pickle.BUILD: _build,
    pickle.PUT: _put,
    pickle.STOP: _stop,
    pickle.EXT1: _refuse,
    pickle.EXT2: _refuse,
    pickle.EXT4: _refuse,
    pickle.NEXT_BUFFER: _refuse,
    pickle.READONLY_BUFFER: _keep_top,
}
OWN_STEPS: dict[int, Callable[[Any], None]] = {key[0]: step for key, step in STEPS.items()}
Steps.dispatch = {**pickle._Unpickler.dispatch, **OWN_STEPS}
