"""Messages of protobuf, field by field, as they travel."""


def varint(number: int) -> bytes:
    """Return a number as protobuf has it."""
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def field(number: int, content: bytes | str | int) -> bytes:
    """Return a field of a message; text may be none that is allowed."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(raw)) + raw
