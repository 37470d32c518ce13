"""Walks over a protobuf message where it lies, and looks at nothing but the fields asked for."""

from collections.abc import Iterator, Mapping

from ..common.opening import SourceError

# Where a message begins and ends among the bytes of its file.
Span = tuple[int, int]

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
# Numbers that may travel one by one or packed.
ANY = -1

# Of a whole file. Higher, and larger graphs are read; a hostile file then takes longer, now 1 s.
# A graph of 30,000 nodes, as large language models have, has about 400,000.
MOST_FIELDS = 500_000
LONGEST_TEXT = 2**20
# Bytes of all texts that are looked at: names of nodes and tensors, nearly all of them.
MOST_TEXT = 2**25
NO_MODEL = "export it again, and check it with onnx.checker.check_model"


class Wire:
    """The bytes of a message, with a bound on how many fields are walked over."""

    def __init__(self, content: memoryview) -> None:
        """Take the bytes of a file."""
        self._content = content
        self._fields_left = MOST_FIELDS
        self._text_left = MOST_TEXT
        self.all: Span = (0, len(content))

    def fields(self, span: Span, kinds: Mapping[int, int]) -> Iterator[tuple[int, int, Span]]:
        """The fields of a message whose numbers are in `kinds`: number, integer, span.

        `kinds` says how each has to travel. A VARINT has its value as the integer; for all
        others the integer is -1, and the span is where their bytes are.

        Raises:
            SourceError: If a field is broken, or travels otherwise.
        """
        at, end = span
        while at < end:
            self._count()
            key, at = self._varint(at, end)
            number, kind = key >> 3, key & 7
            start, value = at, -1
            if kind == BYTES:
                length, start = self._varint(at, end)
                at = start + length
            elif kind == VARINT:
                value, at = self._varint(at, end)
            elif kind in (FIXED32, FIXED64):
                at += 4 if kind == FIXED32 else 8
            else:
                raise broken()
            if at > end or not number:
                raise broken()
            if (wanted := kinds.get(number)) is not None:
                if wanted not in (ANY, kind):
                    raise broken()
                yield number, value, (start, at)

    def _count(self) -> None:
        self._fields_left -= 1
        if self._fields_left < 0:
            raise SourceError(
                f"it has more than {MOST_FIELDS} fields of protobuf",
                "simplify it, with onnxsim, say",
            )

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        """An integer of up to 64 bits, and where it ends."""
        content = self._content
        if at < end and (byte := content[at]) < 0x80:  # Nearly all are so short.
            return byte, at + 1
        value = shift = 0
        while at < end and shift < 70:
            byte = content[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & 0xFFFF_FFFF_FFFF_FFFF, at
            shift += 7
        raise broken()

    def integers(self, value: int, span: Span) -> Iterator[int]:
        """The signed integers of a field that may be packed."""
        if value >= 0:
            yield signed(value)
            return
        at, end = span
        while at < end:
            self._count()
            value, at = self._varint(at, end)
            yield signed(value)

    def raw(self, span: Span) -> bytes:
        """The bytes of a field."""
        return bytes(self._content[span[0] : span[1]])

    def is_equal(self, span: Span, expected: bytes) -> bool:
        """Whether a field has these bytes; it may be as long as the file."""
        return self._content[span[0] : span[1]] == expected

    def text(self, span: Span) -> str:
        """The text of a field.

        Raises:
            SourceError: If it is not UTF-8, or there is too much of it.
        """
        length = span[1] - span[0]
        self._text_left -= length
        if length > LONGEST_TEXT or self._text_left < 0:
            raise SourceError("its names are too long", "shorten them, with onnxsim, say")
        try:
            return self.raw(span).decode()
        except UnicodeDecodeError:
            raise broken() from None


def signed(value: int) -> int:
    """An integer of 64 bits in two's complement."""
    return value - 2**64 if value >= 2**63 else value


def broken() -> SourceError:
    """The error of bytes that are no model."""
    return SourceError("it is no ONNX model, or a broken one", NO_MODEL)
