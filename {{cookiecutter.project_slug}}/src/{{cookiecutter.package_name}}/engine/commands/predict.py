"""The command predict: asks a server about one instance, or about a file of them."""

import inspect
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ..fields import Schema
from ..fields.field import Field
from ..project import Project
from .console import address, fail, out, print_json
from .csv_files import predict_csv
from .faults import in_words, one_line_errors
from .json_files import predict_json
from .showing import to_json, to_table

Target = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="HOST:PORT",
        help="Where the service is; without it on this machine, on SERVER_PORT.",
    ),
]
Timeout = Annotated[float, typer.Option("--timeout", help="How many seconds a call may take.")]
JsonFile = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE|-", help="Read one or a list, and print JSON."),
]
CsvFile = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Read one a row, and print CSV.")
]
Output = Annotated[
    Literal["table", "json"] | None,
    typer.Option("--output", help="How to print one prediction; a table unless it says otherwise."),
]
IgnoreUnknown = Annotated[
    bool,
    typer.Option("--ignore-unknown", help="Let a file have columns, or keys, that are no inputs."),
]
# Ends the parameter of every input, and of nothing else, whatever the inputs are called.
MARK = "_"


def add_predict(app: typer.Typer, project: Project) -> None:
    """Add the command to an app, with an option for each input."""
    schema, new_client = project.calling()

    @one_line_errors()
    def predict(
        *,
        json: JsonFile = None,
        csv: CsvFile = None,
        output: Output = None,
        ignore_unknown: IgnoreUnknown = False,
        server: Target = None,
        timeout: Timeout = 10.0,
        **inputs: Any,
    ) -> None:
        """Ask a running server for predictions: of one instance, or of a file of them."""
        given = {name.removesuffix(MARK): value for name, value in inputs.items()}
        instance = {name: value for name, value in given.items() if value is not None}
        if json and csv:
            fail("--json and --csv are one or the other")
        if instance and (json or csv):
            fail("--json and --csv read instances from a file; leave the other inputs out")
        if output and (json or csv):
            fail("--output is for one prediction; --json prints JSON, and --csv prints CSV")
        with new_client(address(server), timeout=timeout) as client:
            if csv:
                predict_csv(client, schema, csv, ignore_unknown=ignore_unknown)
            elif json:
                predict_json(client, schema, json, ignore_unknown=ignore_unknown)
            else:
                prediction = client.predict(**from_options(schema, instance))
                if output == "json":
                    print_json(to_json(prediction))
                else:
                    out.print(to_table(prediction))

    add_options(predict, schema)
    app.command()(predict)


def add_options(command: Any, schema: Schema) -> None:
    """Put an option for each input in the place of a function's ``**inputs``."""
    options = [
        inspect.Parameter(
            f"{field.name}{MARK}", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind
        )
        for field, kind in ((field, option_type(field)) for field in schema.inputs)
    ]
    signature = inspect.signature(command)
    others = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    command.__signature__ = signature.replace(parameters=[*options, *others])
    command.__annotations__ = {p.name: p.annotation for p in [*options, *others]}


def option_type(field: Field) -> Any:
    """Return the type of an input's option, with all that Typer is to know of it."""
    option, name = field.option, option_name(field.name)
    flag = f"{name}/--no-{name.removeprefix('--')}" if option.type is bool else name
    return Annotated[
        option.type | None,
        typer.Option(
            flag, metavar=option.metavar, min=option.low, max=option.high, help=field.help
        ),
    ]


def option_name(name: str) -> str:
    """Return the option of an input."""
    return f"--{name.replace('_', '-')}"


def from_options(schema: Schema, given: dict[str, Any]) -> dict[str, Any]:
    """Return an instance; exit with 1 if inputs are missing that have no default."""
    missing = [f.name for f in schema.inputs if not f.optional and f.name not in given]
    if missing:
        options = ", ".join(map(option_name, missing))
        fail(f"missing: {options}; --json and --csv read instances from files")
    return {f.name: from_option(f, given[f.name]) for f in schema.inputs if f.name in given}


def from_option(field: Field, value: Any) -> Any:
    """Return the value that an option stands for; raise ValueError that names it if there is none."""
    try:
        return field.from_option(value)
    except (OSError, ValueError) as error:
        fault = in_words(error) if isinstance(error, OSError) else error
        raise ValueError(f"{option_name(field.name)}: {fault}") from None
