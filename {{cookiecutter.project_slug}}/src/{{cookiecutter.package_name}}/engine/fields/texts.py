"""Fields of text, and of bytes."""

from pathlib import Path
from typing import Any

from .field import Option
from .scalars import Scalar
from .values import from_base64, read_file


class Text(Scalar):
    """A text. A column holds str objects and has the shape (n,)."""

    def __init__(
        self, name: str, *, default: str | None = None, about: str = "", alias: str = ""
    ) -> None:
        super().__init__(name, str, default=default, about=about, alias=alias)

    @property
    def option(self) -> Option:
        return Option(str)

    def from_cell(self, text: str) -> str | None:
        # Texts keep the blanks around them, and may be empty where that means nothing else.
        return None if self.optional and not text else text

    def parse(self, text: str) -> str:
        return text


class Data(Scalar):
    """Bytes. A column holds bytes objects and has the shape (n,)."""

    def __init__(
        self, name: str, *, default: bytes | None = None, about: str = "", alias: str = ""
    ) -> None:
        super().__init__(name, bytes, default=default, about=about, alias=alias)

    @property
    def option(self) -> Option:
        return Option(Path, "A file.")

    def from_option(self, value: Path) -> bytes:
        return read_file(value)

    def parse(self, text: str) -> Any:
        return from_base64(text)

    def from_json(self, value: Any) -> Any:
        return from_base64(value)
