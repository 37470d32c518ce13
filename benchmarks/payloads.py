"""The large requests: what each holds, and how each system's users would send it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .systems import (
    IRIS,
    JPEG,
    JSON,
    LR,
    MESSAGE_PACK,
    OCTETS,
    SYSTEMS,
    TRANSPORTS,
    Project,
    System,
    uvicorn,
)

TENSOR = Project(
    "Tensor", "tensor_model.py", inputs="values: float[3,224,224]", outputs="largest: float[3]"
)
VECTOR = Project("Vector", "vector_model.py", inputs="values: float[?]", outputs="largest: float")
PICTURE = Project(
    "Picture",
    "picture_model.py",
    inputs="picture: image[480,640,3]",
    outputs="brightness: float[3]",
)
OF_NAME = {system.name: system for system in SYSTEMS}


@dataclass(frozen=True)
class Payload:
    """A kind of large request.

    Attributes:
        name: The step that measures it, and what its systems serve.
        title: What the report calls it.
        about: What it is, in a sentence.
        file: What payload_files.py writes for it.
        systems: How each system takes it.
        in_flight: How many requests are in flight.
    """

    name: str
    title: str
    about: str
    file: str
    systems: Sequence[System]
    in_flight: Sequence[int] = (1, 4)


def ours(transport: str, project: Project, payload: str, method: str = "Predict") -> System:
    """Return a generated project on one of its transports."""
    system = OF_NAME[f"grpc-ml-{transport}"]
    return replace(
        system,
        path=project.path(method),
        start=f"{project.command} serve",
        client=f"file_client.py {project.package}",
        project=project,
        models=(payload,),
        # What BENCH_MODEL names otherwise is the payload.
        environment={**system.environment, "BENCH_MODEL": LR},
    )


def bare(transport: str, payload: str, method: str = "Sink") -> System:
    """Return a bare transport that is sent what the generated service is sent."""
    system = OF_NAME[f"echo-{transport}"]
    answer = "returns the request's bytes" if method == "Echo" else "answers how many bytes it got"
    return replace(
        system,
        name=f"{method.lower()}-{transport}",
        title=system.title.replace("Echo", method),
        path=f"/bench.Echo/{method}",
        configuration=f"aio server on uvloop that {answer}",
        client=f"file_client.py {method}",
        models=(payload,),
        answers=False,
    )


def http(
    peer: str,
    payload: str,
    form: str,
    said: str,
    path: str,
    content_type: str = JSON,
    **changes: Any,
) -> System:
    """Return a peer that takes a form of HTTP bodies.

    Args:
        peer: Which of the systems it is.
        payload: What it is sent.
        form: What http_file_client.py calls the form.
        said: What the report calls it.
        path: Where requests go.
        content_type: What their bodies are.
        changes: What else differs from the system.
    """
    system = OF_NAME[peer]
    return replace(
        system,
        name=f"{peer}-{form}",
        title=f"{system.title}, {said}",
        path=path,
        client=f"../../shared/http_file_client.py {form} {path} {content_type}",
        content_type=content_type,
        models=(payload,),
        environment={**system.environment, "BENCH_MODEL": LR},
        **changes,
    )


def oip(peer: str, payload: str, model: str, start: str, **changes: Any) -> System:
    """Return a peer that takes raw tensors of the Open Inference Protocol.

    Args:
        peer: Which of the systems it is.
        payload: What it is sent.
        model: Which of its models is asked.
        start: The command that starts it with that model.
        changes: What else differs from the system.
    """
    system = OF_NAME[peer]
    return replace(
        system,
        title=f"{system.title}, raw tensors",
        start=start,
        client=f"../../shared/oip_file_client.py {model}",
        models=(payload,),
        environment={**system.environment, "BENCH_MODEL": LR},
        **changes,
    )


def mosec(module: str) -> str:
    """Return the command that starts one of mosec's services."""
    return f"python {module}.py --address 127.0.0.1 --port {{port}}"


TENSORS = Payload(
    name="tensor",
    title="A tensor",
    about="A request is one float[3,224,224], and the answer the largest value of each channel.",
    file="tensor",
    systems=(
        *(ours(transport, TENSOR, "tensor") for transport in TRANSPORTS),
        *(bare(transport, "tensor") for transport in TRANSPORTS),
        http("fastapi", "tensor", "tensor-json", "JSON", "/tensor", start=uvicorn("tensor")),
        http(
            "fastapi",
            "tensor",
            "tensor-numpy",
            "NumPy bytes",
            "/tensor/numpy",
            start=uvicorn("tensor"),
            content_type=OCTETS,
        ),
        http(
            "mosec",
            "tensor",
            "tensor-msgpack",
            "MessagePack",
            "/tensor",
            start=mosec("tensor"),
            content_type=MESSAGE_PACK,
        ),
        oip("triton", "tensor", "tensor", "python start.py {port} tensor"),
        oip(
            "mlserver",
            "tensor",
            "tensor",
            "mlserver start tensor",
            configuration="no batching, parallel_workers 0 (one core)",
        ),
    ),
)
PICTURES = Payload(
    name="jpeg",
    title="A JPEG",
    about="A request is one picture of 640 x 480, which each system decodes with Pillow, and the "
    "answer the mean of each channel.",
    file="jpeg",
    systems=(
        *(ours(transport, PICTURE, "jpeg") for transport in TRANSPORTS),
        *(bare(transport, "jpeg") for transport in TRANSPORTS),
        http(
            "fastapi",
            "jpeg",
            "jpeg-bytes",
            "the file as the body",
            "/picture",
            start=uvicorn("picture"),
            content_type=JPEG,
        ),
        http(
            "fastapi",
            "jpeg",
            "jpeg-base64",
            "base64 in JSON",
            "/picture/base64",
            start=uvicorn("picture"),
        ),
        http(
            "mosec",
            "jpeg",
            "jpeg-bytes",
            "the file as the body",
            "/picture",
            start=mosec("picture"),
            content_type=JPEG,
        ),
    ),
)
ROWS = Payload(
    name="batch",
    title="10,000 rows",
    about="A request is 10,000 rows of four floats for the logistic regression, and the answer the "
    "species and three probabilities of each.",
    file="rows-10000",
    systems=(
        *(ours(transport, IRIS, "batch", "BatchPredict") for transport in TRANSPORTS),
        *(bare(transport, "batch", "Echo") for transport in TRANSPORTS),
        http("fastapi", "batch", "rows-json", "JSON rows", "/rows"),
        http("fastapi", "batch", "columns-json", "JSON columns", "/columns"),
        http("fastapi", "batch", "rows-numpy", "NumPy bytes", "/rows/numpy", content_type=OCTETS),
        http(
            "mosec",
            "batch",
            "rows-msgpack",
            "MessagePack",
            "/rows",
            start=mosec("rows"),
            content_type=MESSAGE_PACK,
        ),
        oip("triton", "batch", "iris", "python start.py {port} iris"),
        oip("mlserver", "batch", "iris", "mlserver start iris"),
    ),
)
PAYLOADS = {payload.name: payload for payload in (TENSORS, PICTURES, ROWS)}
