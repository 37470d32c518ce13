"""Names that the fields of a schema cannot have, as the generated code has them beside fields.

Nothing here is a list: all are read from the templates, the engine and what is printed of fields.
"""

import ast
import re
from collections.abc import Iterable, Iterator

import click

from ..language.fields import SCALARS, Field
from ..language.rules import FIELD_NAME
from .enums import Enum
from .python import InputField, OutputField
from .templates import CODE, python_of, text_of


def _options() -> set[str]:
    """The options of the command `predict` beside those of the inputs."""
    own = re.findall(r'"(--[a-z-]+)"', text_of(CODE / "engine" / "commands" / "predict.py"))
    given = click.Context(click.Command("predict")).help_option_names
    return {option.removeprefix("--").replace("-", "_") for option in [*own, *given]}


def _parameters() -> set[str]:
    """The parameters of the clients' method `predict` beside its keywords for the inputs."""
    nodes = ast.walk(python_of(CODE / "client.py"))
    [predict] = (node for node in nodes if isinstance(node, ast.FunctionDef))
    arguments = predict.args
    return {each.arg for each in (*arguments.args, *arguments.kwonlyargs)}


def _attributes() -> Iterator[str]:
    """The names and the types of attributes beside the fields in the classes of schema.py."""
    for node in ast.walk(python_of(CODE / "schema.py")):
        if isinstance(node, ast.AnnAssign):
            yield from (ast.unparse(node.target), ast.unparse(node.annotation))


def _every_field() -> Iterator[Field]:
    """A field of each type that is printed by its element."""
    for element in SCALARS.values():
        yield Field("x", "scalar", element)
        yield from (Field("x", "tensor", element, dims) for dims in ((1,), (None,)))
        yield Field("x", "vector", element)


def _names(types: Iterable[str]) -> set[str]:
    """The names in types that a field could have too: a class hides them, once a field does."""
    nodes = (node for kind in types for node in ast.walk(ast.parse(kind)))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return {name for name in names if FIELD_NAME.fullmatch(name)}


# The enum is only looked at by vectors of labels.
ENUM = Enum("X", "", (), ())
INPUTS = [InputField(field, ENUM) for field in _every_field()]
OUTPUTS = [OutputField(field, ENUM) for field in _every_field()]
CODE_HAS_IT = "is taken by the generated code"
# What has a name, by that name.
INPUTS_TAKEN = {
    **dict.fromkeys(_parameters() | _names(f.column_type for f in INPUTS), CODE_HAS_IT),
    **dict.fromkeys(_options(), "is an option of the command line"),
}
OUTPUTS_TAKEN = dict.fromkeys(
    _names(_attributes())
    | _names(kind for f in OUTPUTS for kind in (f.column_type, f.result_type, f.results_type)),
    CODE_HAS_IT,
)
