"""What the modules print that call an ONNX model: how columns become tensors, and tensors columns."""

from collections.abc import Callable, Sequence
from functools import cached_property

from ..printing.imports import blocks, from_import
from ..printing.text import python_call, python_lines, python_literal, python_string
from .model_page import MODELS, Fact, ModelPage
from .python import InputField, OutputField

# Inputs that are written out one by one; more are a loop.
MOST_WRITTEN = 12


class OnnxPage(ModelPage):
    """An ONNX model, with the fields that stand for what it takes and returns."""

    has_takes = True

    @cached_property
    def facts(self) -> Fact:
        """What is known of the model, as far as the schema does not know better."""
        facts = super().facts
        if facts["takes"] == "batch":
            return facts
        dims = {field.original: field.field.dims for field in self.outputs}
        outputs = [_as_typed(fact, dims.get(fact["name"], ())) for fact in facts["outputs"]]
        return {**facts, "outputs": outputs}

    # model.py

    @property
    def imports(self) -> str:
        """What model.py imports."""
        helpers = ["table"]
        helpers += ["places"] if any(f.field.kind == "enum" for _, f in self._labelled) else []
        helpers += (
            ["vectors"] if any(fact["form"] == "map" for fact in self.facts["outputs"]) else []
        )
        helpers += ["by_label"] if self.reordered else []
        labelled = [field for _, field in (*self._labelled, *self.reordered)]
        names = ["Inputs", "Outputs", "SCHEMA", *map(self._constant, labelled)]
        uses_numpy = "np." in self.feeds + self.asked
        return blocks(
            ["from pathlib import Path", "from typing import Any"],
            ["import numpy as np" if uses_numpy else "", "import onnxruntime"],
            [
                f"from {MODELS} import takes",
                from_import(f"{MODELS}.files", ["model_path", "version_of"]),
                from_import(f"{MODELS}.golden", ["example"]),
                from_import(f"{MODELS}.locales", ["with_locale"]) if self.facts["locale"] else "",
                from_import(f"{MODELS}.tables", helpers),
                from_import(".schema", names),
            ],
        )

    @property
    def _labelled(self) -> list[tuple[Fact, OutputField]]:
        """The outputs whose labels are printed."""
        return [
            (fact, field)
            for fact, field in self.output_facts
            if fact["form"] == "map" or (field.field.kind == "enum" and fact["labels"])
        ]

    @property
    def reordered(self) -> list[tuple[Fact, OutputField]]:
        """The outputs whose numbers are in another order than the labels of the schema."""
        return [
            (fact, field) for fact, field in self.output_facts if self._is_reordered(fact, field)
        ]

    def _is_reordered(self, fact: Fact, field: OutputField) -> bool:
        labels = [*field.field.labels]
        return field.is_vector and fact.get("order", labels) != labels

    @property
    def orders(self) -> list[str]:
        """The statements that name the labels of outputs in the model's own order."""
        lines = {
            self._order(field): [*map(python_string, fact["order"])]
            for fact, field in self.reordered
        }
        return [python_literal(0, f"{name} = [", labels) for name, labels in lines.items()]

    def _order(self, field: OutputField) -> str:
        return f"{self._constant(field).removesuffix('_LABELS')}_ORDER"

    def _constant(self, field: OutputField) -> str:
        assert field.enum
        return field.enum.constant

    @property
    def takes_call(self) -> str:
        """How a batch is asked about."""
        alike = f", alike={self.alike}" if self.alike else ""
        return f"TAKES(self._ask, table(SCHEMA.inputs, inputs){alike})"

    @property
    def returned(self) -> str:
        """The statement that returns the columns of all outputs."""
        arguments = []
        for fact, field in self.output_facts:
            value = self._tensor(fact)
            if field.field.kind == "enum" and fact["labels"]:
                # Some exports say other shapes than they have, one label an instance all the same.
                flat = "" if fact["rank"] == 1 else ".reshape(-1)"
                value = f"places({self._constant(field)}, {value}{flat})"
            if self._is_reordered(fact, field):
                value = f"by_label({self._constant(field)}, {self._order(field)}, {value})"
            arguments += [f"{field.name}={value}"]
        is_flat = len(python_call(8, "return Outputs(", arguments).split("\n")) <= 3
        layout = python_call if is_flat else python_lines
        return layout(8, "return Outputs(", arguments)

    def _tensor(self, fact: Fact) -> str:
        return f"answers[{self.facts['outputs'].index(fact)}]"

    @property
    def feeds(self) -> str:
        """The statement that makes tensors of columns."""
        pairs = [(fact, field) for fact, field in self.input_facts]
        changes = {self._feed("column", fact, field) for fact, field in pairs}
        is_all = len(pairs) == len(self.inputs)  # The schema may have inputs of its own.
        if changes == {"column"} and is_all:
            return "        feeds = dict(columns)"
        if len(pairs) > 1 and len(changes) == 1 and is_all:
            return f"        feeds = {{name: {changes.pop()} for name, column in columns.items()}}"
        return self._feeds("columns", self._feed)

    def _feeds(self, given: str, feed: Callable[[str, Fact, InputField], str]) -> str:
        """The statement that makes a tensor of each input, one a line where they differ."""
        named = [(python_string(fact["name"]), fact, field) for fact, field in self.input_facts]
        items = [f"{name}: {feed(f'{given}[{name}]', fact, field)}" for name, fact, field in named]
        return python_lines(8, "feeds = {", items)

    def _feed(self, column: str, fact: Fact, field: InputField) -> str:
        """The expression that makes the tensor of an input from its column."""
        value = column
        if fact["dtype"] != field.field.element.dtype and fact["dtype"] != "object":
            value = f"{value}.astype(np.{_dtype(fact)})"
        if fact["is_column"]:
            return f"{value}.reshape(-1, 1)"
        if fact["axis"] is None:
            return f"np.asarray({value}[0])"
        return value if fact["axis"] == 0 else f"np.moveaxis({value}, 0, {fact['axis']})"

    @property
    def asked(self) -> str:
        """The statement that returns the answers, the instances along their first axis."""
        facts = self.facts["outputs"]
        values = [*map(self._answer, facts)]
        if values == [*map(self._tensor, facts)]:
            return "        return answers"
        return python_lines(8, "return [", values)

    def _answer(self, fact: Fact) -> str:
        """The expression that makes the column of an output from its tensor."""
        value = self._tensor(fact)
        if fact["form"] == "map":
            [field] = (field for known, field in self.output_facts if known is fact)
            return f"vectors({self._constant(field)}, {value})"
        if fact["is_column"]:
            return f"{value}.reshape(-1)"
        if fact["axis"] is None:
            return f"np.asarray({value})[np.newaxis]"
        return value if fact["axis"] == 0 else f"np.moveaxis({value}, {fact['axis']}, 0)"

    # library.py

    @property
    def library_imports(self) -> str:
        """What library.py imports of the project."""
        orders = [self._order(field) for _, field in self.reordered]
        vectors = [
            field
            for fact, field in self.output_facts
            if field.is_vector and fact["form"] != "map" and not self._is_reordered(fact, field)
        ]
        return blocks(
            [
                from_import(f"{MODELS}.locales", ["with_locale"]) if self.facts["locale"] else "",
                from_import(".model", ["MODEL_FILE", *orders]),
                from_import(".schema", map(self._constant, vectors)) if vectors else "",
            ]
        )

    @property
    def row_feeds(self) -> str:
        """The statement that makes tensors of one instance."""
        pairs = [*self.input_facts]
        same = {self._row_feed("row[name]", *pair) for pair in pairs}
        is_all = len(pairs) == len(self.inputs)
        if len(pairs) > MOST_WRITTEN and len(same) == 1 and is_all:
            return f"        feeds = {{name: {same.pop()} for name in row}}"
        return self._feeds("row", self._row_feed)

    def _row_feed(self, value: str, fact: Fact, field: InputField) -> str:
        if fact["is_column"]:
            return f"np.array([[{value}]], np.{_dtype(fact)})"
        if fact["axis"] == 0:
            return f"np.array([{value}], np.{_dtype(fact)})"
        array = f"np.array({value}, np.{_dtype(fact)})"
        return array if fact["axis"] is None else f"np.expand_dims({array}, {fact['axis']})"

    @property
    def row_answers(self) -> str:
        """The statement that returns what the model answers to one instance."""
        values = [
            f'"{field.name}": {self._row_answer(fact, field)}' for fact, field in self.output_facts
        ]
        return python_lines(8, "return {", values)

    def _row_answer(self, fact: Fact, field: OutputField) -> str:
        value = self._tensor(fact)
        if fact["form"] == "map":
            return f"{{str(label): number for label, number in {value}[0].items()}}"
        if field.field.kind == "enum" and fact["rank"] != 1:
            return f"str({value}.item())"
        if fact["is_column"]:
            return f"{value}[0, 0]"
        if fact["axis"] is not None:
            value = f"{value}[0]" if fact["axis"] == 0 else f"{value}.take(0, {fact['axis']})"
        if field.field.kind == "enum":
            return f"str({value})"
        if field.is_vector:
            named = self._order if self._is_reordered(fact, field) else self._constant
            return f"dict(zip({named(field)}, {value}, strict=True))"
        return value


def _as_typed(fact: Fact, dims: Sequence[int | None]) -> Fact:
    """What is known of an output that is asked for one instance.

    One that has more axes in the schema than in the file, which some exporters get wrong, is whole.
    """
    rank = fact["rank"]
    is_other = rank is not None and len(dims) >= rank
    return {**fact, "axis": None, "is_column": False} if is_other else fact


def _dtype(fact: Fact) -> str:
    """A dtype of NumPy, as an attribute of the module."""
    dtype: str = fact["dtype"]
    return {"bool": "bool_", "object": "object_"}.get(dtype, dtype)
