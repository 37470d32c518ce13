"""What tests can ask for: a server and ways to talk to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import grpc
import pytest

from kitchen import Client
from kitchen.engine.serving.predictor import Model

from .models import StandIn
from .running import Background, Stub


@pytest.fixture(scope="session", params=["native", "grpcio"])
def transport(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every transport in turn, for the servers of the tests."""
    if request.param == "native":
        pytest.importorskip("pygrpc_native")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SERVER_TRANSPORT", request.param)
        yield request.param


@pytest.fixture(scope="session")
def background(transport: str) -> Iterator[Background]:
    """What servers and asyncio clients run on."""
    with Background() as background:
        yield background


@pytest.fixture(scope="session")
def server(background: Background) -> Iterator[str]:
    """The address of a server whose model is a StandIn."""
    with background.serving(StandIn) as address:
        yield address


@pytest.fixture
def serve(background: Background) -> Iterator[Callable[[Model], str]]:
    """Starts a server of the test's own model, and returns its address."""
    with ExitStack() as stack:
        yield lambda model: stack.enter_context(background.serving(lambda: model))


@pytest.fixture
def client(server: str) -> Iterator[Client]:
    """A client of the server."""
    with Client(server) as client:
        yield client


@pytest.fixture
def stub(server: str) -> Iterator[Stub]:
    """The server's methods, without the checks of a client."""
    with grpc.insecure_channel(server) as channel:
        yield Stub(channel)
