"""What the modules print that call a model of CatBoost."""

from ..printing.text import python_lines
from .model_page import Fact
from .python import OutputField
from .table_page import TablePage

# What the answers of each type are called.
VARIABLES = {"Class": "labels", "Probability": "shares"}


class CatboostPage(TablePage):
    """A model of CatBoost, with the fields that stand for what it takes and returns."""

    @property
    def types(self) -> list[tuple[str, str]]:
        """The types of predictions that are asked for, each with what its answers are called."""
        types = dict.fromkeys(fact["type"] for fact, _ in self.answers)
        return [(VARIABLES.get(type_, "answered"), type_) for type_ in types]

    @property
    def helpers(self) -> list[str]:
        """What model.py takes from the engine's tables."""
        needed = ["cells", "table"] if self.facts["cells"] else ["matrix"]
        needed = needed if self.facts["columns"] else []
        code = self.returned
        return needed + [name for name in ("by_label", "places") if f"{name}(" in code]

    @property
    def uses_numpy(self) -> bool:
        """Whether model.py needs NumPy."""
        makes_matrix = self.facts["columns"] and not self.facts["cells"]
        return bool(makes_matrix) or "np." in self.returned

    @property
    def returned(self) -> str:
        """The statement that returns the columns of all outputs."""
        values = [f"{field.name}={self._column(fact, field)}" for fact, field in self.answers]
        return python_lines(8, "return Outputs(", values)

    def _column(self, fact: Fact, field: OutputField) -> str:
        value = VARIABLES.get(fact["type"], "answered")
        if field.is_vector:
            assert field.enum
            return f"by_label({field.enum.constant}, self._model.classes_, {value})"
        if field.enum:
            return f"places({field.enum.constant}, np.ravel({value}))"
        return value if fact["place"] is None else f"{value}[:, {fact['place']}]"

    @property
    def row_answers(self) -> str:
        """The statement that returns what the model answers to one instance."""
        values = [f'"{field.name}": {self._answer(fact, field)}' for fact, field in self.answers]
        return python_lines(8, "return {", values)

    def _answer(self, fact: Fact, field: OutputField) -> str:
        value = VARIABLES.get(fact["type"], "answered")
        if field.is_vector:
            return f"dict(zip(map(str, self._model.classes_), {value}[0], strict=True))"
        if field.enum:
            return f"str(np.ravel({value})[0])"
        return f"{value}[0]" if fact["place"] is None else f"{value}[0, {fact['place']}]"
