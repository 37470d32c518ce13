"""The systems: how each is installed, started, asked and loaded.

Commands are run in the system's folder below peers/, with its own environment's programs first on
PATH. In them {port} is the port to serve on, {spare} are ports for whatever else it opens, and
{env} is the environment's folder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LR, RF, NOOP = "lr", "rf", "noop"
MODELS = {
    LR: "Logistic regression",
    RF: "Random forest of 100 trees",
    NOOP: "No model",
}
GRPC, HTTP = "gRPC", "HTTP"
OIP_PREDICT = "/inference.GRPCInferenceService/ModelInfer"


@dataclass(frozen=True, eq=False)
class System:
    """One system under test.

    Attributes:
        name: What PEERS calls it.
        title: What the tables call it.
        folder: Its folder below peers/.
        protocol: What it speaks: gRPC, or JSON over HTTP/1.1.
        path: Where requests go.
        start: The command that starts it.
        packages: The packages whose versions tell most.
        configuration: What its documentation advises for throughput and is set, in a line.
        client: The client that checks its answers, from its folder.
        setup: Commands that follow the installation of its requirements.
        environment: Environment variables of its own.
        models: Which models it serves.
        library: Part of the name of a shared library that it must have loaded, as proof that it
            runs on what its title says.
    """

    name: str
    title: str
    folder: str
    protocol: str
    path: str
    start: str
    packages: Sequence[str]
    configuration: str
    client: str = "client.py"
    setup: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    models: Sequence[str] = (LR, RF)
    library: str | None = None


def grpc_ml(transport: str, library: str) -> System:
    """Return the generated project on one of its transports."""
    return System(
        name=f"grpc-ml-{transport}",
        title=f"grpc-ml ({transport})",
        folder="grpc_ml",
        protocol=GRPC,
        path="/iris_classifier.v1.IrisClassifierService/Predict",
        start="iris-classifier serve",
        packages=("grpcio", "pygrpc-native", "protobuf", "uvloop"),
        configuration=f"as generated, SERVER_TRANSPORT={transport}",
        environment={
            "SERVER_HOST": "127.0.0.1",
            "SERVER_PORT": "{port}",
            "SERVER_TRANSPORT": transport,
        },
        models=(LR, RF, NOOP),
        library=library,
    )


def echo(transport: str, package: str) -> System:
    """Return a bare transport that echoes bytes."""
    return System(
        name=f"echo-{transport}",
        title=f"Echo on {package} (aio)",
        folder="echo",
        protocol=GRPC,
        path="/bench.Echo/Echo",
        start=f"python service.py {transport} {{port}}",
        packages=(package, "uvloop"),
        configuration="aio server on uvloop that returns the request's bytes",
        models=(NOOP,),
    )


SYSTEMS = (
    grpc_ml("native", "pygrpc_native"),
    grpc_ml("grpcio", "cygrpc"),
    System(
        name="mosec",
        title="mosec",
        folder="mosec",
        protocol=HTTP,
        path="/predict",
        start="python service.py --address 127.0.0.1 --port {port}",
        packages=("mosec",),
        configuration="one worker, batches of up to 64, max_wait_time 1 ms (its least)",
        client="../../shared/http_client.py",
    ),
    System(
        name="triton",
        title="Triton",
        folder="triton",
        protocol=GRPC,
        path=OIP_PREDICT,
        start="python start.py {port}",
        packages=("nvidia-pytriton",),
        configuration="Python backend, one instance, dynamic batching of up to 64, no delay; "
        "metrics and HTTP off",
        client="../../shared/oip_client.py",
    ),
    System(
        name="fastapi",
        title="FastAPI + uvicorn",
        folder="fastapi",
        protocol=HTTP,
        path="/predict",
        start="uvicorn service:app --host 127.0.0.1 --port {port} --workers 1 "
        "--loop uvloop --http httptools --no-access-log",
        packages=("fastapi", "uvicorn", "pydantic"),
        configuration="one worker a core, uvloop, httptools, async handler, no access log",
        client="../../shared/http_client.py",
    ),
    System(
        name="flask",
        title="Flask + gunicorn",
        folder="flask",
        protocol=HTTP,
        path="/predict",
        start="gunicorn service:app --bind 127.0.0.1:{port} --workers 3 "
        "--worker-class gthread --threads 4",
        packages=("flask", "gunicorn"),
        configuration="2 x cores + 1 = 3 workers, gthread with 4 threads, no access log",
        client="../../shared/http_client.py",
    ),
    System(
        name="mlserver",
        title="MLServer",
        folder="mlserver",
        protocol=GRPC,
        path=OIP_PREDICT,
        start="mlserver start .",
        packages=("mlserver", "grpcio"),
        configuration="adaptive batching of up to 64 within 1 ms, parallel_workers 0 (one core)",
        client="../../shared/oip_client.py",
        environment={
            "MLSERVER_HOST": "127.0.0.1",
            "MLSERVER_GRPC_PORT": "{port}",
            "MLSERVER_HTTP_PORT": "{spare[0]}",
            "MLSERVER_METRICS_PORT": "{spare[1]}",
            "MLSERVER_PARALLEL_WORKERS": "0",
            "MLSERVER_DEBUG": "false",
        },
    ),
    System(
        name="litserve",
        title="LitServe",
        folder="litserve",
        protocol=HTTP,
        path="/predict",
        start="python service.py {port}",
        packages=("litserve", "fastapi", "uvicorn"),
        configuration="one worker, batches of up to 64 within 1 ms, fast_queue, no access log",
        client="../../shared/http_client.py",
    ),
    System(
        name="bentoml",
        title="BentoML",
        folder="bentoml",
        protocol=HTTP,
        path="/predict",
        start="bentoml serve service:Iris --host 127.0.0.1 --port {port}",
        packages=("bentoml",),
        configuration="one worker, adaptive batches of up to 64, concurrency 64, no access log",
        environment={"BENTOML_DO_NOT_TRACK": "true"},
    ),
    System(
        name="ray",
        title="Ray Serve",
        folder="ray",
        protocol=GRPC,
        path="/bench.Iris/Predict",
        start="python service.py {port} {spare[0]}",
        packages=("ray", "grpcio"),
        configuration="one replica, batches of up to 64 within 1 ms, "
        "RAY_SERVE_THROUGHPUT_OPTIMIZED=1",
        setup=(
            "python -m grpc_tools.protoc --proto_path=. --python_out={env} "
            "--grpc_python_out={env} iris.proto",
        ),
        environment={
            "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
            "RAY_USAGE_STATS_ENABLED": "0",
        },
    ),
    echo("native", "pygrpc-native"),
    echo("grpcio", "grpcio"),
)
