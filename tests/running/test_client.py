"""What the clients send and make of answers, against servers that answer what no service does."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import grpc
import pytest
from calling import flower_of, messages

Call = Callable[[Any], Any]


class Pretender(grpc.GenericRpcHandler):
    """Answers every call with these messages, whatever is asked.

    Attributes:
        metadata: What came with each call.
    """

    def __init__(self, *answers: Any) -> None:
        """Keep the answers: messages, or bytes that are none."""
        self.metadata: list[dict[str, str | bytes]] = []
        self._answers = [a if isinstance(a, bytes) else a.SerializeToString() for a in answers]

    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """Answer a call."""
        self.metadata.append(dict(details.invocation_metadata))
        return grpc.stream_stream_rpc_method_handler(self._answer)

    def _answer(self, requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
        """Answer once all requests are there."""
        list(requests)
        yield from self._answers

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve; gives the address."""
        server = grpc.server(futures.ThreadPoolExecutor(4), handlers=[self])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(grace=None).wait(timeout=10)


@pytest.fixture(params=["threads", "asyncio"])
def ask(request: pytest.FixtureRequest, iris: Path, runner: asyncio.Runner) -> Any:
    """Call a method of each kind of client in turn: ask(address, method, arguments)."""
    package = import_module("iris_classifier")
    if request.param == "threads":

        def ask(address: str, method: str, *arguments: Any, **named: Any) -> Any:
            with package.Client(address) as client:
                found = getattr(client, method)(*arguments, **named)
                return list(found) if method == "stream_predict" else found

        return ask

    async def call(address: str, method: str, *arguments: Any, **named: Any) -> Any:
        async with package.AsyncClient(address) as client:
            found = getattr(client, method)(*arguments, **named)
            return [one async for one in found] if method == "stream_predict" else await found

    return lambda *arguments, **named: runner.run(call(*arguments, **named))


def good() -> Any:
    """Return an answer to a flower that fits."""
    return messages().Prediction(species=1, probabilities=[1, 0, 0])


def test_an_answer_that_does_not_fit_is_an_error_of_the_client(ask: Any) -> None:
    error = import_module("iris_classifier").CallError
    pb = messages()
    hint = "; server and client have different schemas; update the older one"
    for wrong, fault in (
        (pb.Prediction(probabilities=[1, 0, 0]), "species: it is not set"),
        (pb.Prediction(species=0, probabilities=[1, 0, 0]), "species: there is no label of num"),
        (pb.Prediction(species=4, probabilities=[1, 0, 0]), "species: there is no label of num"),
        (pb.Prediction(species=1, probabilities=[1, 0]), "probabilities: expected shape 3, got 2"),
    ):
        with (
            Pretender(pb.PredictResponse(prediction=wrong)).serving() as address,
            pytest.raises(error, match=f"^INTERNAL: prediction.{fault}.*{hint}$"),
        ):
            ask(address, "predict", **flower_of(0))
    columns = pb.PredictionColumns(species=[1, 9], probabilities=[1, 0, 0] * 2)
    with (
        Pretender(pb.BatchPredictResponse(predictions=columns)).serving() as address,
        pytest.raises(error, match=r"^INTERNAL: predictions.species\[1\]: .* number 9"),
    ):
        ask(address, "batch_predict", {name: [1, 2] for name in flower_of(0)})


def test_a_stream_goes_on_after_an_answer_that_does_not_fit(ask: Any) -> None:
    pb = messages()
    wrong = pb.Prediction(species=4, probabilities=[1, 0, 0])
    answers = [pb.StreamPredictResponse(prediction=p) for p in (good(), wrong, good())]
    answers.append(pb.StreamPredictResponse())
    with Pretender(*answers).serving() as address:
        first, second, third, empty = ask(address, "stream_predict", [flower_of(0)] * 4)
    assert first.species == third.species == "setosa"
    assert second.code is empty.code is grpc.StatusCode.INTERNAL
    assert [violation.field for violation in second.violations] == ["prediction.species"]
    assert [violation.field for violation in empty.violations] == ["prediction.species"]


@pytest.mark.parametrize("instances", [1, 3])
def test_a_stream_of_more_or_fewer_answers_than_instances_is_an_error(
    ask: Any, instances: int
) -> None:
    error = import_module("iris_classifier").CallError
    answers = [messages().StreamPredictResponse(prediction=good())] * 2
    with (
        Pretender(*answers).serving() as address,
        pytest.raises(error, match=r"^INTERNAL: the server answered another number"),
    ):
        ask(address, "stream_predict", [flower_of(0)] * instances)


# Every method of a client, and how to call it.
METHODS: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("predict", [], flower_of(0)),
    ("batch_predict", [{name: [1] for name in flower_of(0)}], {}),
    ("stream_predict", [[flower_of(0)]], {}),
    ("get_model_metadata", [], {}),
]


@pytest.mark.parametrize(("method", "arguments", "named"), METHODS)
def test_an_answer_that_cannot_be_parsed_is_an_error_of_the_client(
    ask: Any, method: str, arguments: list[Any], named: dict[str, Any]
) -> None:
    error = import_module("iris_classifier").CallError
    with Pretender(b"\xff").serving() as address, pytest.raises(error, match=r"^INTERNAL: "):
        ask(address, method, *arguments, **named)


@pytest.mark.parametrize("pairs", [{"token": "secret"}, [("token", "secret")]])
def test_metadata_goes_along_with_every_call(ask: Any, pairs: Any) -> None:
    error = import_module("iris_classifier").CallError
    for method, arguments, named in [*METHODS, ("wait_until_ready", [0.5], {})]:
        pretender = Pretender(b"\xff")
        with pretender.serving() as address, pytest.raises(error):
            ask(address, method, *arguments, **named, metadata=pairs)
        assert pretender.metadata[0]["token"] == "secret"


@pytest.mark.usefixtures("iris")
def test_a_host_among_several_that_there_is_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    package = import_module("iris_classifier")
    with pytest.raises(package.CallError) as caught:
        package.Client(["10.0.0.1:50051", "nowhere:50051"])
    assert str(caught.value) == "UNAVAILABLE: 10.0.0.1:50051: Name or service not known"


@pytest.mark.slow
def test_a_server_that_takes_long_to_start_is_found_soon_after(ask: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with futures.ThreadPoolExecutor() as threads:
        # gRPC's own attempts would come at about 7, 11 and 18 seconds.
        server = threads.submit(serve_after, 12, port)
        began = time.monotonic()
        ask(f"127.0.0.1:{port}", "wait_until_ready", 60)
        waited = time.monotonic() - began
        server.result(timeout=10).stop(grace=None)
    assert waited < 15


def serve_after(seconds: float, port: int) -> grpc.Server:
    """Start a server that says it is ready, some time from now."""
    time.sleep(seconds)
    serving = b"\x08\x01"
    server = grpc.server(futures.ThreadPoolExecutor(4), handlers=[Pretender(serving)])
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server
