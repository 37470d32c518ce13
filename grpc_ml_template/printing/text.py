"""Text a user typed, made safe and well laid out for the file it is printed in."""

import json
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence

WIDTH = 100


def one_line(text: str) -> str:
    """The text with every run of white space, newlines included, as one blank."""
    return " ".join(text.split())


def sentence(text: str) -> str:
    """The text on one line, ending like a sentence."""
    line = one_line(text)
    return line if not line or line[-1] in ".!?:;…" else f"{line}."


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def columns(text: str) -> int:
    """How many columns a line takes up, as the formatter counts them: wide characters are two."""
    return sum(map(_width, text))


def _width(character: str) -> int:
    is_mark = unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me")
    if is_mark or "\u1160" <= character <= "\u11ff":  # Parts of a Korean syllable join.
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(text: str, prefix: str = "", width: int = WIDTH) -> str:
    """The text as lines that each begin with the prefix and keep to the width where words allow."""
    lines = textwrap.wrap(
        one_line(text),
        width,
        initial_indent=prefix,
        subsequent_indent=prefix,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def python_string(text: str) -> str:
    """A Python literal of the text."""
    return _in_quotes(repr(each)[1:-1] for each in text)


def python_bytes(text: str) -> str:
    """A Python literal of the text's UTF-8 bytes."""
    return "b" + _in_quotes(repr(bytes([each]))[2:-1] for each in text.encode())


def _in_quotes(parts: Iterable[str]) -> str:
    """What stands in a literal, quoted as the formatter would: with the quotes that escape less."""
    body = "".join(parts)
    quote = "'" if body.count('"') > body.count("'") else '"'
    return quote + body.replace(quote, f"\\{quote}") + quote


def python_number(number: float) -> str:
    """A Python literal of the number, or of the bool, written as the formatter would."""
    return repr(number).replace("e+", "e")


def python_tuple(parts: Iterable[object]) -> str:
    """A Python tuple of parts that are Python already."""
    texts = [*map(str, parts)]
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"


def docstring(text: str) -> str:
    """The text as it stands inside a Python docstring."""
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return escaped[:-1] + '\\"' if escaped.endswith('"') else escaped


def toml_string(text: str) -> str:
    """A TOML basic string of the text."""
    return json.dumps(text, ensure_ascii=False)


def markdown(text: str) -> str:
    """The text on one line, with Markdown's and HTML's own characters escaped."""
    escaped = re.sub(r"([\\`*_{}\[\]<>|#~$&])", r"\\\1", one_line(text))
    # At the start, these would make a list or a rule of it.
    return re.sub(r"^(\d*)([-+=.)])(?=[\s=-]|$)", r"\1\\\2", escaped)


def python_call(indent: int, head: str, arguments: Sequence[str], tail: str = "") -> str:
    """A call, or any bracketed list, laid out as the formatter does.

    It stands on one line if that fits, else with its arguments on a line of their own,
    else with one argument a line and a trailing comma.

    Args:
        indent: Columns before the head.
        head: All up to and with the opening bracket: ``"Number("``.
        arguments: What stands between the brackets.
        tail: What follows the closing bracket: ``","``.
    """
    close = {"(": ")", "[": "]", "{": "}"}[head[-1]]
    margin, inner = " " * indent, " " * (indent + 4)
    flat = ", ".join(arguments)
    if columns(margin + head + flat + close + tail) <= WIDTH:
        return f"{margin}{head}{flat}{close}{tail}"
    if columns(inner + flat) <= WIDTH:
        return f"{margin}{head}\n{inner}{flat}\n{margin}{close}{tail}"
    lines = "".join(f"{inner}{argument},\n" for argument in arguments)
    return f"{margin}{head}\n{lines}{margin}{close}{tail}"


def python_lines(indent: int, head: str, parts: Sequence[str]) -> str:
    """A literal or a call whose parts have brackets of their own.

    Parts that are wider than a line would be taken apart by the formatter, which leaves them here.
    """
    inner, margin = " " * (indent + 4), " " * indent
    is_wide = any(columns(f"{inner}{part},") > WIDTH for part in parts)
    laid_out = python_literal(indent, head, parts)
    return f"{margin}# fmt: off\n{laid_out}\n{margin}# fmt: on" if is_wide else laid_out


def python_literal(indent: int, head: str, parts: Sequence[str], tail: str = "") -> str:
    """A list, tuple, set or dictionary, laid out as the formatter does: on one line, or a part a line.

    Args:
        indent: Columns before the head.
        head: All up to and with the opening bracket: ``"names = {"``.
        parts: What stands between the brackets; not one part of a tuple.
        tail: What follows the closing bracket: ``","``.
    """
    close = {"(": ")", "[": "]", "{": "}"}[head[-1]]
    margin = " " * indent
    flat = f"{margin}{head}{', '.join(parts)}{close}{tail}"
    if columns(flat) <= WIDTH:
        return flat
    lines = "".join(f"{margin}    {part},\n" for part in parts)
    return f"{margin}{head}\n{lines}{margin}{close}{tail}"
