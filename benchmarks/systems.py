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
TRANSPORTS = ("native", "grpcio")
# The package of each transport, and part of the name of its shared library.
PACKAGES = {"native": "pygrpc-native", "grpcio": "grpcio"}
LIBRARIES = {"native": "pygrpc_native", "grpcio": "cygrpc"}
OIP_PREDICT = "/inference.GRPCInferenceService/ModelInfer"
JSON = "application/json"
MESSAGE_PACK = "application/msgpack"
OCTETS = "application/octet-stream"
JPEG = "image/jpeg"

# The folder below peers/ of the generated projects, which are baked.
GRPC_ML = "grpc_ml"


@dataclass(frozen=True)
class Project:
    """A project to bake, and the model to put into it.

    Attributes:
        name: What its model is called; its command and its package follow from that.
        model: The file of peers/grpc_ml that takes the place of its model.py.
        inputs: Its schema of inputs, or None for the default one.
        outputs: Its schema of outputs, or None for the default one.
    """

    name: str
    model: str
    inputs: str | None = None
    outputs: str | None = None

    @property
    def command(self) -> str:
        """The command that the project installs."""
        return self.name.lower().replace(" ", "-")

    @property
    def package(self) -> str:
        """The package of the project."""
        return self.name.lower().replace(" ", "_")

    def path(self, method: str) -> str:
        """Return where requests of a method of its service go."""
        service = self.name.replace(" ", "")
        return f"/{self.package}.v1.{service}Service/{method}"


IRIS = Project("Iris Classifier", "model.py")


@dataclass(frozen=True, eq=False)
class System:
    """One system under test.

    Attributes:
        name: What PEERS calls it.
        title: What the tables call it.
        folder: Its folder below peers/.
        protocol: What it speaks: gRPC or HTTP/1.1.
        path: Where requests go.
        start: The command that starts it.
        packages: The packages whose versions tell most.
        configuration: What its documentation advises for throughput and is set, in a line.
        client: The client that checks its answers, from its folder, and arguments of it.
        content_type: What bodies are over HTTP.
        project: The project that is baked for it, if it is a generated one.
        answers: Whether it answers as a model does; a bare transport's own client checks it.
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
    content_type: str = JSON
    project: Project = IRIS
    answers: bool = True
    setup: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    models: Sequence[str] = (LR, RF)
    library: str | None = None


def grpc_ml(transport: str) -> System:
    """Return the generated default project on one of its transports."""
    return System(
        name=f"grpc-ml-{transport}",
        title=f"grpc-ml ({transport})",
        folder=GRPC_ML,
        protocol=GRPC,
        path=IRIS.path("Predict"),
        start=f"{IRIS.command} serve",
        packages=("grpcio", "pygrpc-native", "protobuf", "uvloop"),
        configuration=f"as generated, SERVER_TRANSPORT={transport}",
        environment={
            "SERVER_HOST": "127.0.0.1",
            "SERVER_PORT": "{port}",
            "SERVER_TRANSPORT": transport,
        },
        models=(LR, RF, NOOP),
        library=LIBRARIES[transport],
    )


def echo(transport: str) -> System:
    """Return a bare transport that echoes bytes."""
    package = PACKAGES[transport]
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


def uvicorn(module: str) -> str:
    """Return the command that serves a module's app."""
    return (
        f"uvicorn {module}:app --host 127.0.0.1 --port {{port}} --workers 1 "
        "--loop uvloop --http httptools --no-access-log"
    )


SYSTEMS = (
    *map(grpc_ml, TRANSPORTS),
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
        start="python start.py {port} iris",
        packages=("nvidia-pytriton",),
        configuration="Python backend, one instance, dynamic batching without a delay; "
        "metrics and HTTP off",
        client="../../shared/oip_client.py",
    ),
    System(
        name="fastapi",
        title="FastAPI + uvicorn",
        folder="fastapi",
        protocol=HTTP,
        path="/predict",
        start=uvicorn("service"),
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
        start="mlserver start iris",
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
    *map(echo, TRANSPORTS),
)
