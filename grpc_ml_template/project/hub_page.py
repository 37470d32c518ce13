"""What the modules print that call a model of texts from a hub, between its tokenizer and its scores."""

from collections.abc import Mapping

from ..printing.imports import blocks, from_import
from ..printing.text import python_call, python_lines, python_literal, python_string
from .model_page import MODELS, ModelPage, by_original
from .python import OutputField

# The outputs of a model of labelled pieces, in the order in which the page has them.
OF_PIECES = ("starts", "ends", "labels", "scores")
# How the embeddings of one text's tokens become one, without padding.
POOLED_ALONE = {
    "": "",
    "mean": ".mean(axis=0)",
    "cls": "[0]",
    "max": ".max(axis=0)",
    "last": "[-1]",
}


class HubPage(ModelPage):
    """A model of texts, with the fields that stand for what it takes and returns."""

    has_takes = True

    @property
    def task(self) -> str:
        """What it makes of a text: labels, tokens or an embedding."""
        return str(self.facts["task"])

    @property
    def imports(self) -> str:
        """What model.py imports of the project."""
        names = ["Inputs", "Outputs", "SCHEMA", *([self._constant] if self.classes else [])]
        return blocks(
            [
                f"from {MODELS} import takes",
                from_import(f"{MODELS}.files", ["model_path", "version_of"]),
                from_import(f"{MODELS}.golden", ["example"]),
                from_import(f"{MODELS}.tables", ["by_label"]) if self.classes else "",
                from_import(".schema", names),
            ]
        )

    @property
    def _label(self) -> OutputField | None:
        """An output that has the labels of texts."""
        return next((field for field in self.outputs if field.enum), None)

    @property
    def _constant(self) -> str:
        assert self._label
        assert self._label.enum
        return self._label.enum.constant

    @property
    def classes(self) -> str:
        """The statement that names the model's labels, if the schema has them in another order."""
        labels = self.facts["labels"]
        if self._label is None or labels == [*self._label.field.labels]:
            return ""
        return self._names("CLASSES", labels)

    @property
    def labels(self) -> str:
        """The statement that names the labels of pieces."""
        return self._names("LABELS", self.facts["labels"])

    def _names(self, constant: str, names: list[str]) -> str:
        return python_literal(0, f"{constant} = [", [*map(python_string, names)])

    @property
    def pad(self) -> str:
        """The statement that names what fills up texts, if it is named."""
        token = self.facts["pad_token"]
        return "" if token is None else f"PAD = {python_string(token)}"

    @property
    def padding(self) -> str:
        """The statement that says how texts are filled up."""
        facts = self.facts
        by_name = ["pad_id=self._tokenizer.token_to_id(PAD)", "pad_token=PAD"]
        arguments = by_name if self.pad else [f"pad_id={facts['pad_id']}"]
        arguments += ['direction="left"'] if facts["pads_left"] else []
        arguments += ["length=MOST_TOKENS"] if facts["exactly"] else []
        return python_call(8, "self._tokenizer.enable_padding(", arguments)

    @property
    def cutting(self) -> str:
        """The arguments that say how texts are cut."""
        return "MOST_TOKENS" + (', direction="left"' if self.facts["cuts_left"] else "")

    @property
    def encoded(self) -> str:
        """The statement that makes tokens of texts."""
        column, text = f"columns[{python_string(self.source.inputs[0])}]", self._changed("text")
        texts = f"{column}.tolist()" if text == "text" else f"[{text} for text in {column}]"
        return python_call(8, "encoded = self._tokenizer.encode_batch(", [texts])

    @property
    def given_alone(self) -> str:
        """The expression of one text that the tokenizer gets."""
        return self._changed(f"row[{python_string(self.source.inputs[0])}]")

    def _changed(self, text: str) -> str:
        changed = f"PROMPT + {text}" if self.facts["prompt"] else text
        if not self.facts["is_lower"]:
            return changed
        return f"({changed}).lower()" if self.facts["prompt"] else f"{text}.lower()"

    @property
    def columns(self) -> str:
        """The columns that the model is asked about."""
        name = python_string(self.source.inputs[0])
        return f"{{{name}: inputs.{self.first.name}}}"

    @property
    def feeds(self) -> str:
        """The statement that makes tensors of texts that are filled up."""
        return self._feeds("each", " for each in encoded")

    @property
    def feeds_alone(self) -> str:
        """The statement that makes tensors of one text."""
        return self._feeds("encoded", "")

    def _feeds(self, encoding: str, loop: str) -> str:
        values = {
            "input_ids": f"{encoding}.ids",
            "attention_mask": f"{encoding}.attention_mask",
            "token_type_ids": f"{encoding}.type_ids",
        }
        items = []
        for fact in self.facts["inputs"]:
            dtype = f"np.{fact['dtype']}"
            value = f"np.array([{values.get(fact['name'])}{loop}], {dtype})"
            if fact["name"] == "position_ids":
                mask = f"np.array([{encoding}.attention_mask{loop}], {dtype})"
                value = (
                    f"positions({mask})"
                    if loop
                    else f"np.arange(len(encoded))[None].astype({dtype})"
                )
            items.append(f"{python_string(fact['name'])}: {value}")
        return python_lines(8, "feeds = {", items)

    @property
    def has_positions(self) -> bool:
        """Whether the graph takes the places of tokens."""
        return any(fact["name"] == "position_ids" for fact in self.facts["inputs"])

    @property
    def run(self) -> str:
        """The expression that runs the graph for its one output."""
        return f"self._session.run([{python_string(self.facts['output'])}], feeds)"

    @property
    def as_floats(self) -> str:
        """What makes float32 of the graph's output, if it is something else."""
        return "" if self.facts["is_float"] else ".astype(np.float32)"

    @property
    def returned(self) -> str:
        """The statement that returns the columns of all outputs."""
        values = {"embedding": "embeddings", "score": f"{self._scores('logits')}[:, 0]"}
        values |= {"label": "shares.argmax(axis=1)", "probabilities": "shares"}
        values |= {name: name for name in OF_PIECES} if self.task == "tokens" else {}
        return python_lines(8, "return Outputs(", self._printed(values, "{}={}"))

    @property
    def shares(self) -> str:
        """The expression of the scores, with the labels in the order of the schema."""
        shares = self._scores("logits")
        return f"by_label({self._constant}, CLASSES, {shares})" if self.classes else shares

    def _scores(self, logits: str) -> str:
        return f"{self.facts['scores']}({logits})" if self.facts["scores"] else logits

    # library.py

    @property
    def library_imports(self) -> str:
        """What library.py imports of the project."""
        names = ["MODEL_FILE", "TOKENIZER_FILE"]
        names += ["MOST_TOKENS"] if self.facts["longest"] else []
        names += ["PAD"] if self.facts["exactly"] and self.pad else []
        names += ["PROMPT"] if self.facts["prompt"] else []
        names += ["LABELS"] if self.task == "tokens" else []
        names += ["CLASSES"] if self.classes else []
        is_known = self._label is not None and not self.classes
        return blocks(
            [
                from_import(".model", names),
                from_import(".schema", [self._constant]) if is_known else "",
            ]
        )

    @property
    def pooled_alone(self) -> str:
        """What makes one embedding of those of one text's tokens."""
        return POOLED_ALONE[self.facts["pooling"]]

    @property
    def row_answers(self) -> str:
        """The statement that returns what the model answers to one text."""
        labels = "CLASSES" if self.classes else self._constant if self._label else ""
        values = {"embedding": "embedding", "score": "shares[0]"}
        values |= {
            "label": f"{labels}[shares.argmax()]",
            "probabilities": f"dict(zip({labels}, shares, strict=True))",
        }
        if self.task == "tokens":
            values = {name: f"[piece[{n}] for piece in found]" for n, name in enumerate(OF_PIECES)}
        return python_lines(8, "return {", self._printed(values, '"{}": {}'))

    def _printed(self, values: Mapping[str, str], form: str) -> list[str]:
        """Fields with their values; an output that is gone from the schema is left out."""
        by_name = by_original(self.outputs)
        return [form.format(by_name[n].name, v) for n, v in values.items() if n in by_name]
