"""What the modules print that call a model of PyTorch."""

from collections.abc import Iterator, Mapping, Sequence
from keyword import iskeyword
from typing import Any

from ..printing.imports import blocks, from_import
from ..printing.text import WIDTH, columns, python_lines, python_string
from .model_page import MODELS, Fact
from .onnx_page import OnnxPage
from .python import InputField

BRACKETS = {"tuple": "()", "list": "[]", "dict": "{}"}
# What stands before a value, such as its key, and how that is nested.
Part = tuple[str, Mapping[str, Any]]


class TorchPage(OnnxPage):
    """A model of PyTorch, with the fields that stand for what it takes and returns.

    The model takes and returns tensors that are nested in other values; around it, all is as for
    an ONNX model.
    """

    @property
    def input_facts(self) -> Iterator[tuple[Fact, InputField]]:
        """What is known of each input, and its field; its type is the field's where it is not told."""
        for fact, field in super().input_facts:
            yield {**fact, "dtype": fact["dtype"] or field.field.element.dtype}, field

    @property
    def imports(self) -> str:
        """What model.py imports."""
        names = ["Inputs", "Outputs", "SCHEMA"]
        return blocks(
            ["from pathlib import Path", "from typing import Any"],
            ["import numpy as np" if "np." in self.call + self.asked else "", "import torch"],
            [
                f"from {MODELS} import takes",
                from_import(f"{MODELS}.files", ["model_path", "version_of"]),
                from_import(f"{MODELS}.golden", ["example"]),
                from_import(f"{MODELS}.tables", ["table"]),
                from_import(".schema", names),
            ],
        )

    @property
    def takes_call(self) -> str:
        """How a batch is asked about."""
        at_most = f", at_most={self.facts['at_most']}" if self.facts["at_most"] else ""
        return f"{super().takes_call[:-1]}{at_most})"

    @property
    def call(self) -> str:
        """The statement that asks the model about columns."""
        tensors = {
            fact["name"]: self._tensor_of(
                self._feed(f"columns[{python_string(fact['name'])}]", fact, field), fact
            )
            for fact, field in self.input_facts
        }
        return self._call(tensors)

    @property
    def row_call(self) -> str:
        """The statement that asks the model about one instance."""
        tensors = {
            fact["name"]: self._tensor_of(
                self._row_feed(f"row[{python_string(fact['name'])}]", fact, field), fact
            )
            for fact, field in self.input_facts
        }
        return self._call(tensors)

    def _tensor_of(self, array: str, fact: Fact) -> str:
        cast = f", dtype=torch.{fact['cast']}" if fact["cast"] else ""
        return f"torch.tensor({array}{cast})"

    def _call(self, tensors: Mapping[str, str]) -> str:
        positional, named = self.facts["arguments"]["tuple"]
        arguments = [("", each) for each in positional["tuple"]]
        values = named["dict"]
        if all(name.isidentifier() and not iskeyword(name) for name in values):
            arguments += [(f"{name}=", each) for name, each in values.items()]
        else:
            arguments += [("**", named)]
        return laid_out(12, "answer = self._model", "()", arguments, tensors)

    @property
    def arrays(self) -> str:
        """The statement that takes the outputs out of the answer, as arrays."""
        values = [self._array(fact) for fact in self.facts["outputs"]]
        return python_lines(8, "answers: list[Any] = [", values)

    def _array(self, fact: Fact) -> str:
        place = "".join(
            f"[{python_string(key) if isinstance(key, str) else key}]" for key in fact["path"]
        )
        cast = ".float()" if fact["cast"] else ""
        return f"answer{place}{cast}.numpy()"

    @property
    def library_imports(self) -> str:
        """What library.py imports of the project."""
        vectors = [field for _, field in self.output_facts if field.is_vector]
        constants = map(self._constant, vectors)
        return blocks(
            ["from .model import MODEL_FILE", from_import(".schema", constants) if vectors else ""]
        )


def laid_out(
    indent: int, head: str, brackets: str, parts: Sequence[Part], tensors: Mapping[str, str]
) -> str:
    """A call, or a value that holds others, as the formatter lays it out.

    Args:
        indent: Columns before the head.
        head: What stands before the opening bracket.
        brackets: Both of them.
        parts: What stands between them: each with what stands before it, and as a tree of facts.
        tensors: The expression of each input, by its name.
    """
    flat = [f"{start}{nested(tree, tensors)}" for start, tree in parts]
    comma = "," if brackets == "()" and not head and len(flat) == 1 else ""
    line = f"{' ' * indent}{head}{brackets[0]}{', '.join(flat)}{comma}{brackets[1]}"
    if columns(line) < WIDTH:  # A comma may follow.
        return line
    inner = indent + 4
    lines = [
        text if columns(f"{' ' * inner}{text},") <= WIDTH else _broken(inner, start, tree, tensors)
        for text, (start, tree) in zip(flat, parts, strict=True)
    ]
    body = "".join(f"{' ' * inner}{each},\n" for each in lines)
    return f"{' ' * indent}{head}{brackets[0]}\n{body}{' ' * indent}{brackets[1]}"


def _broken(indent: int, start: str, tree: Mapping[str, Any], tensors: Mapping[str, str]) -> str:
    """A value that is wider than a line, without the columns before it."""
    [(kind, content)] = tree.items()
    if kind not in BRACKETS:
        return f"{start}{nested(tree, tensors)}"
    return laid_out(indent, start, BRACKETS[kind], _parts(kind, content), tensors).lstrip()


def nested(tree: Mapping[str, Any], tensors: Mapping[str, str]) -> str:
    """The expression of a value that holds others, on one line."""
    [(kind, content)] = tree.items()
    if kind == "input":
        return tensors[content]
    if kind == "constant":
        return python_string(content) if isinstance(content, str) else repr(content)
    parts = [f"{start}{nested(each, tensors)}" for start, each in _parts(kind, content)]
    comma = "," if kind == "tuple" and len(parts) == 1 else ""
    return f"{BRACKETS[kind][0]}{', '.join(parts)}{comma}{BRACKETS[kind][1]}"


def _parts(kind: str, content: Any) -> list[Part]:
    """What a tuple, a list or a dict holds, each with what stands before it."""
    if kind == "dict":
        return [(f"{python_string(key)}: ", each) for key, each in content.items()]
    return [("", each) for each in content]
