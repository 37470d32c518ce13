"""What the modules print that call models of tables: scikit-learn, XGBoost, LightGBM and MLflow."""

from collections.abc import Sequence

from ..printing.imports import blocks, from_import
from ..printing.text import python_call, python_lines, python_literal, python_string
from .model_page import MODELS, Fact, ModelPage, by_original
from .python import OutputField

# What the answers of each method are called.
VARIABLES = {
    "predict": "predicted",
    "predict_proba": "shares",
    "decision_function": "scores",
    "transform": "transformed",
}


class TablePage(ModelPage):
    """A model of tables, with the fields that stand for what it takes and returns."""

    def project_imports(self, helpers: Sequence[str], others: Sequence[str] = ()) -> str:
        """What model.py imports of the project."""
        constants = [field.enum.constant for _, field in self.answers if field.enum]
        return blocks(
            [
                *others,
                from_import(f"{MODELS}.files", ["model_path", "version_of"]),
                from_import(f"{MODELS}.golden", ["example"]),
                from_import(f"{MODELS}.tables", helpers) if helpers else "",
                from_import(".schema", ["Inputs", "Outputs", "SCHEMA", *constants]),
            ]
        )

    @property
    def answers(self) -> list[tuple[Fact, OutputField]]:
        """What is known of each output, and its field."""
        by_name = by_original(self.outputs)
        facts = zip(self.source.outputs, self.facts["answers"], strict=True)
        return [(fact, by_name[name]) for name, fact in facts if name in by_name]

    @property
    def columns(self) -> list[str]:
        """The model's columns in their order, if that is another one than the schema's."""
        names = [field.original for field in self.inputs]
        return [] if names == [*self.source.inputs] else [*self.source.inputs]


class SklearnPage(TablePage):
    """A model of scikit-learn."""

    @property
    def methods(self) -> list[tuple[str, str]]:
        """The methods that are called, each with what its answers are called."""
        methods = dict.fromkeys(fact["method"] for fact, _ in self.answers)
        return [(VARIABLES.get(method, "answered"), method) for method in methods]

    @property
    def helpers(self) -> list[str]:
        """What model.py takes from the engine's tables."""
        takes = self.facts["takes"]
        needed = ["table"] if takes in ("frame", "columns") else []
        needed += ["cells"] if takes == "columns" else []
        code = self.returned
        return needed + [
            name
            for name in ("by_label", "dense", "output", "places", "texts")
            if f"{name}(" in code
        ]

    @property
    def trusted(self) -> str:
        """The types that the file may have, as a list."""
        types = [*self.facts["trusted"], *self.source.imports]
        return python_literal(0, "TRUSTED = [", [*map(python_string, types)])

    @property
    def gaps(self) -> str:
        """The statement that names the texts that may be missing; empty if there are none."""
        names = [python_string(name) for name in self.facts["gaps"]]
        return python_literal(0, "GAPS = [", names) if names else ""

    @property
    def objects(self) -> str:
        """The statement that names the columns of objects; empty if there are none."""
        items = [f'{python_string(name)}: "object"' for name in self.facts.get("objects", ())]
        return python_literal(0, "OBJECTS = {", items) if items else ""

    @property
    def has_trusted(self) -> bool:
        """Whether the file has types that have to be named to be loaded."""
        is_skops = self.facts["loader"] == "skops"
        return is_skops and bool(self.facts["trusted"] or self.source.imports)

    @property
    def columns_line(self) -> str:
        """The statement that names the model's columns in their order."""
        return python_literal(0, "COLUMNS = [", [*map(python_string, self.columns)])

    @property
    def rows(self) -> str:
        """The expression of what the model is asked about."""
        takes, gaps = self.facts["takes"], ", GAPS" if self.gaps else ""
        columns = f"table(SCHEMA.inputs, inputs{gaps})"
        if takes == "array":
            return f"inputs.{self.first.name}"
        if takes == "texts":
            return f"inputs.{self.first.name}.tolist()"
        order = ", COLUMNS" if self.columns else ""
        frame = f"pd.DataFrame({columns}){self._as_objects}"
        return f"cells({columns}{order})" if takes == "columns" else frame

    @property
    def _as_objects(self) -> str:
        return ".astype(OBJECTS)" if self.objects else ""

    @property
    def row(self) -> str:
        """The expression of one instance, as the library takes it."""
        takes, name = self.facts["takes"], python_string(self.source.inputs[0])
        if takes == "array":
            return f"np.array([row[{name}]], np.float64)"
        if takes == "texts":
            return f"[row[{name}]]"
        if takes == "columns":
            values = "row[name] for name in COLUMNS" if self.columns else "*row.values()"
            return f"np.array([[{values}]], np.object_)"
        gaps = '.astype(dict.fromkeys(GAPS, "object"))' if self.gaps else ""
        return f"pd.DataFrame([row]){gaps}{self._as_objects}"

    @property
    def returned(self) -> str:
        """The statement that returns the columns of all outputs."""
        values = [f"{field.name}={self._column(fact, field)}" for fact, field in self.answers]
        return python_lines(8, "return Outputs(", values)

    def _column(self, fact: Fact, field: OutputField) -> str:
        value = self._value(fact)
        if field.is_vector:
            assert field.enum
            classes = "self._model.classes_"
            classes += "" if fact["place"] is None else f"[{fact['place']}]"
            return f"by_label({field.enum.constant}, {classes}, {value})"
        if field.enum:
            return f"places({field.enum.constant}, {value})"
        if field.field.element.kind == "string":
            return f"texts({value})"
        if field.field.element.kind == "bool":
            return f"{value} == 1"
        return f"dense({value})" if field.field.dims else f"np.ravel({value})"

    def _value(self, fact: Fact) -> str:
        value = VARIABLES.get(fact["method"], "answered")
        return value if fact["place"] is None else f"output({value}, {fact['place']})"

    @property
    def row_answers(self) -> str:
        """The statement that returns what the model answers to one instance."""
        values = [f'"{field.name}": {self._answer(fact, field)}' for fact, field in self.answers]
        return python_lines(8, "return {", values)

    def _answer(self, fact: Fact, field: OutputField) -> str:
        value, place = VARIABLES.get(fact["method"], "answered"), fact["place"]
        classes = "self._model.classes_"
        if place is None:
            value = f"{value}[0]"
        elif fact["method"] == "predict_proba":
            value, classes = f"{value}[{place}][0]", f"{classes}[{place}]"
        else:
            value = f"{value}[0, {place}]"
        if field.is_vector:
            return f"dict(zip(map(str, {classes}), {value}, strict=True))"
        if field.enum or field.field.element.kind == "string":
            return f"str({value})"
        if field.field.element.kind == "bool":
            return f"bool({value} == 1)"
        return value if field.field.dims else f"float(np.ravel({value})[0])"


class BoosterPage(TablePage):
    """A model of XGBoost or LightGBM."""

    @property
    def answers(self) -> list[tuple[Fact, OutputField]]:
        """The one output, and its field."""
        return [({}, self._only)]

    @property
    def _only(self) -> OutputField:
        """The field of the one output, wherever the schema has it."""
        [name] = self.source.outputs
        return by_original(self.outputs).get(name, self.outputs[0])

    @property
    def order(self) -> str:
        """The statement that names the columns in their order, if the file calls them otherwise."""
        if "renamed" not in self.facts:
            return ""
        return python_literal(0, "COLUMNS = [", [*map(python_string, self.source.inputs)])

    def rows(self, own_names: str, dtype: str) -> str:
        """The statement that makes an array of the columns.

        Args:
            own_names: The expression of the columns' names in the model's file.
            dtype: That of the array.
        """
        order = "COLUMNS" if self.order else own_names
        categories = "CATEGORIES" if self.categories else "{}"
        arguments = ["SCHEMA.inputs", "inputs", order, f"np.{dtype}", categories]
        return python_call(8, "rows = matrix(", arguments)

    @property
    def categories(self) -> str:
        """The statement that names the categories of columns; empty if there are none."""
        known = self.facts["categories"]
        items = [f"{python_string(name)}: {_list(values)}" for name, values in known.items()]
        return python_lines(0, "CATEGORIES: dict[str, list[Any]] = {", items) if items else ""

    @property
    def has_missing(self) -> bool:
        """Whether a category may be missing, which is an empty text then."""
        known = self.facts["categories"]
        return any(f.original in known and f.field.default == "" for f in self.inputs)

    @property
    def rounds(self) -> str:
        """The argument that says how many rounds of training count, if not all do."""
        rounds = self.facts.get("rounds")
        return f", iteration_range=(0, {rounds})" if rounds else ""

    @property
    def answered(self) -> str:
        """The name of the one output."""
        return self._only.name


def _list(values: Sequence[str | int]) -> str:
    parts = [python_string(value) if isinstance(value, str) else str(value) for value in values]
    return python_literal(0, "[", parts).strip()


class PyfuncPage(TablePage):
    """A model that MLflow runs."""

    has_takes = True

    @property
    def dtypes(self) -> str:
        """The statement that names the types of the columns."""
        items = [f"{python_string(c['name'])}: {_dtype(c['dtype'])}" for c in self.facts["columns"]]
        return python_lines(0, "DTYPES: dict[str, Any] = {", items)

    @property
    def answer_names(self) -> str:
        """The statement that names the answers."""
        names = [python_string(fact["name"]) for fact in self.facts["answers"]]
        return python_literal(0, "ANSWERS = [", names)

    @property
    def returned(self) -> str:
        """The statement that returns the columns of all outputs."""
        values = []
        for place, field in self._placed:
            value = f"answers[{place}]"
            values += [f"{field.name}={value if field.field.dims else f'np.ravel({value})'}"]
        return python_lines(8, "return Outputs(", values)

    @property
    def row_answers(self) -> str:
        """The statement that returns what the model answers to one instance."""
        values = []
        for place, field in self._placed:
            value = f"answers[{place}]"
            one = f"{value}[0]" if field.field.dims else f"np.ravel({value})[0]"
            values += [f'"{field.name}": {one}']
        return python_lines(8, "return {", values)

    @property
    def _placed(self) -> list[tuple[int, OutputField]]:
        """The outputs, each with its place among the answers."""
        facts = self.facts["answers"]
        return [
            (next(i for i, f in enumerate(facts) if f is fact), field)
            for fact, field in self.answers
        ]


def _dtype(name: str) -> str:
    return {"object": "np.object_", "bool": "np.bool_"}.get(name, f"np.{name}")
