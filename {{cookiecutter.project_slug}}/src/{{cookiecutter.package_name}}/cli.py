{% set s = service(cookiecutter) %}
"""The command line: predict, health, and serve from serve.py."""

{{ s.cli_imports }}

out = Console(markup=False, emoji=False)

Target = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="HOST:PORT",
        help="Where the service is; without it on this machine, on SERVER_PORT.",
    ),
]
Timeout = Annotated[float, typer.Option("--timeout", help="How many seconds a call may take.")]

ROWS_AT_ONCE = 1000
{% if s.array_inputs %}
LONGEST_CELL = 2**30
{% endif %}


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """Print what is wrong on one line, and exit with 1."""
    try:
        yield
    except RecursionError:
        fail("the file is nested too deeply")
    except (CallError, OSError, ValueError, csv.Error) as error:
        fail(str(error))


@app.command()
@one_line_errors()
def predict(
{% for field in s.inputs %}
{{ field.option }}
{% endfor %}
    json_: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE|-", help="Read one or a list, and print JSON."),
    ] = None,
    csv_: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Read one a row, and print CSV.")
    ] = None,
    output_: Annotated[
        Literal["table", "json"], typer.Option("--output", help="How to print the prediction.")
    ] = "table",
    ignore_unknown_: Annotated[
        bool,
        typer.Option(
            "--ignore-unknown", help="Let a file have columns, or keys, that are no inputs."
        ),
    ] = False,
    server_: Target = None,
    timeout_: Timeout = 10.0,
) -> None:
    """Ask a running server for predictions: of one instance, or of a file of them."""
    given: dict[str, Any] = {
{% for field in s.inputs %}
        "{{ field.name }}": {{ field.option_parameter }},
{% endfor %}
    }
    instance = {name: value for name, value in given.items() if value is not None}
    if json_ and csv_:
        fail("--json and --csv are one or the other")
    if instance and (json_ or csv_):
        fail("--json and --csv read instances from a file; leave the other inputs out")
    target = address(server_)
    with Client(target, timeout=timeout_) as client:
        if csv_:
            predict_csv(client, csv_, ignore_unknown=ignore_unknown_)
        elif json_:
            predict_json(client, json_, ignore_unknown=ignore_unknown_)
        else:
{% if s.has_required_input %}
            refuse_missing(instance)
{% endif %}
{% if s.parsed_options %}
            for name in OPTIONS.keys() & instance.keys():
                instance[name] = OPTIONS[name](instance[name])
{% endif %}
            prediction = client.predict(**instance)
            if output_ == "json":
                out.print_json(data=to_json(prediction))
            else:
                out.print(to_table(prediction))


@app.command()
@one_line_errors()
def health(
    server: Target = None,
    timeout: Timeout = 2.0,
    wait: Annotated[
        float | None,
        typer.Option(min=0, metavar="SECONDS", help="How long to wait for it to be ready."),
    ] = None,
) -> None:
    """Ask a server whether it is ready; exit with 1 if it is not."""
    target = address(server)
    if wait is not None:
        with Client(target) as client:
            client.wait_until_ready(wait)
    with grpc.insecure_channel(target) as channel:
        try:
            request = health_pb2.HealthCheckRequest()
            response = health_pb2_grpc.HealthStub(channel).Check(request, timeout=timeout)
        except grpc.RpcError as error:
            fail(f"{target}: {error.code().name}")
    status = health_pb2.HealthCheckResponse.ServingStatus.Name(response.status)
    out.print(status)
    if status != "SERVING":
        raise typer.Exit(1)


def address(server: str | None) -> str:
    """Return where the service is."""
    return server or f"localhost:{read_settings().port}"


{% if s.has_required_input %}
def refuse_missing(instance: dict[str, Any]) -> None:
    """Exit with 1 if inputs are missing that have no default."""
    missing = Instance.__required_keys__ - instance.keys()
    if missing:
        names = (name for name in Instance.__annotations__ if name in missing)
        options = ", ".join(f"--{name.replace('_', '-')}" for name in names)
        fail(f"missing: {options}; --json and --csv read instances from files")


{% endif %}
def predict_json(client: Client, path: Path, *, ignore_unknown: bool) -> None:
    """Predict the instance or the list of instances in a JSON file, and print JSON."""
    content = read_json(path)
    instances = content if isinstance(content, list) else [content]
    if ignore_unknown:
        instances = [{n: v for n, v in i.items() if n in CELLS} for i in instances]
    results = [*client.stream_predict(instances)]
    shown = [to_json(result) for result in results]
    out.print_json(data=shown if isinstance(content, list) else shown[0])
    if any(isinstance(result, CallError) for result in results):
        raise typer.Exit(1)


def read_json(path: Path) -> Any:
    """Return the instance or the list of instances in a JSON file."""
    text = sys.stdin.read() if path == Path("-") else path.read_text(encoding="utf-8")
    try:
        content = json.loads(text)
    except ValueError as error:
        fail(f"{path}: no JSON: {error}")
    for instance in content if isinstance(content, list) else [content]:
        if not isinstance(instance, dict):
            fail(f"{path}: expected an object of inputs, or a list of them")
{% if s.binary_inputs %}
        for name in BINARY & instance.keys():
            instance[name] = {{ "from_base64(instance[name])" if s.has_bytes_tensor_input else "base64.b64decode(instance[name], validate=True)" }}
{% endif %}
    return content


def predict_csv(client: Client, path: Path, *, ignore_unknown: bool) -> None:
    """Predict every row of a CSV file, and print its columns with those of the predictions."""
    with progress.open(
        path, "r", encoding="utf-8-sig", newline="", console=err, disable=not err.is_terminal
    ) as file:
{% if s.array_inputs %}
        csv.field_size_limit(LONGEST_CELL)
{% endif %}
        rows = csv.DictReader(file)
        header = list(rows.fieldnames or ())
        refuse_header(path, header, ignore_unknown=ignore_unknown)
        outputs = [name for name in Predictions.__annotations__ if name != "model_version"]
        writer = csv.writer(sys.stdout)
        first = 2  # The line of a row, where no cell has a newline.
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            try:
                refuse_uneven(batch, first)
                columns = {n: read_cells(n, batch, first) for n in header if n in CELLS}
                predictions = client.batch_predict(columns)
            except (CallError, ValueError) as error:
                fail(f"{path}: {in_lines(str(error), first)}")
            if first == 2:
                titles = (f"predicted_{name}" if name in header else name for name in outputs)
                writer.writerow([*header, *titles])
            results = zip(*(getattr(predictions, name) for name in outputs), strict=True)
            for row, result in zip(batch, results, strict=True):
                writer.writerow([*(row[name] for name in header), *map(to_cell, result)])
            first += len(batch)
    if first == 2:
        fail(f"{path}: there are no rows")


def refuse_header(path: Path, header: list[str], *, ignore_unknown: bool) -> None:
    """Exit with 1 if a column of a CSV file is no input, or is there twice."""
    if twice := [repr(name) for name in dict.fromkeys(header) if header.count(name) > 1]:
        fail(f"{path}: more than one column is named {', '.join(twice)}")
    unknown = [name for name in header if name not in CELLS]
    if unknown and not ignore_unknown:
        fail(f"{path}: no inputs: {', '.join(map(quoted, unknown))}; --ignore-unknown keeps them")


def quoted(name: str) -> str:
    """Return a name that there is not, with the one that may be meant."""
    near = meant(name)
    return f"{name!r} (did you mean {near!r}?)" if near else repr(name)


def refuse_uneven(rows: list[dict[str | Any, Any]], first: int) -> None:
    """Raise an error if a row has more cells than the header or fewer, as DictReader tells."""
    for line, row in enumerate(rows, start=first):
        if None in row or None in row.values():
            raise ValueError(f"line {line}: expected as many cells as the header has")


def read_cells(name: str, rows: list[dict[str, str]], first: int) -> list[Any]:
{% if s.texts_may_be_empty %}
    """Return the values of a column; a blank cell is none, unless it may be an empty text."""
{% else %}
    """Return the values of a column; a blank cell is none."""
{% endif %}
    parse = CELLS[name]
    values = []
    for line, row in enumerate(rows, start=first):
        # Texts and labels keep the blanks around them.
        text = row[name] if parse is str else row[name].strip()
        try:
            values.append(parse(text) if text{{ " or name in TEXTS" if s.texts_may_be_empty }} else None)
        except ValueError as error:
            raise ValueError(f"{name} in line {line}: {error}") from None
    return values


def in_lines(text: str, first: int) -> str:
    """Return an error with the lines of a CSV file instead of the rows of a batch."""
    row = re.compile(r"instances\.(\w+)\[(\d+)\]")
    return row.sub(lambda found: f"{found[1]} in line {first + int(found[2])}", text)


def to_cell(value: Any) -> Any:
    """Return a value as a CSV file has it: lists as JSON."""
    value = plain(value)
    return json.dumps(value) if isinstance(value, list) else value


def to_json(result: Prediction | CallError) -> dict[str, Any]:
    """Return a prediction, or what is wrong with its instance, as JSON has it."""
    if isinstance(result, CallError):
        return {"error": dict(result.violations)}
    return {field.name: plain(getattr(result, field.name)) for field in fields(result)}


def to_table(prediction: Prediction) -> Table:
    """Return a prediction as a table, a row a field."""
    table = Table("field", "prediction")
    for name, value in to_json(prediction).items():
        table.add_row(name, str(value))
    return table


def plain(value: Any) -> Any:
    """Return a value as JSON has it: arrays as lists{% if s.binary_outputs %}, bytes as Base64{% endif %}."""
    if isinstance(value, np.ndarray | np.generic):
{% if s.has_bytes_tensor_output %}
        return plain(value.tolist())
    if isinstance(value, list):
        return [plain(element) for element in value]
{% else %}
        return value.tolist()
{% endif %}
{% if s.binary_outputs %}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
{% endif %}
    return value


{% if s.has_flag_input %}
def to_bool(text: str) -> bool:
    """Return what a cell says: true or false."""
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text.lower() == "true"


{% endif %}
{% if s.has_image_input %}
def read_file(path: str) -> bytes:
    """Return the content of the file that a cell names."""
    return Path(path).read_bytes()


{% endif %}
{% if s.has_bytes_tensor_input %}
def read_binary(text: str) -> Any:
    """Return what a JSON array of Base64 texts holds."""
    return from_base64(json.loads(text))


def from_base64(value: Any) -> Any:
    """Return what Base64 texts hold, in lists nested as the texts are."""
    if isinstance(value, list):
        return [from_base64(element) for element in value]
    return base64.b64decode(value, validate=True)


{% endif %}
{% if s.parsed_options %}
# What reads the values of options that are more than a word or a number.
OPTIONS: dict[str, Callable[[Any], Any]] = {
{% for field in s.parsed_options %}
    {{ field.string }}: {{ field.option_parser }},
{% endfor %}
}

{% endif %}
{% if s.binary_inputs %}
# The inputs that JSON holds as Base64.
BINARY = {
{% for field in s.binary_inputs %}
    {{ field.string }},
{% endfor %}
}

{% endif %}
{% if s.texts_may_be_empty %}
# The inputs of text that is required: a blank cell is an empty one.
TEXTS = {
{% for field in s.texts_may_be_empty %}
    {{ field.string }},
{% endfor %}
}

{% endif %}
# What reads the cells of a CSV column.
CELLS: dict[str, Callable[[str], Any]] = {
{% for field in s.inputs %}
    {{ field.string }}: {{ field.cell_parser }},
{% endfor %}
}
