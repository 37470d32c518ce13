"""Calls of a baked service from asyncio, and how they end."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, cast

import grpc
from google.rpc.error_details_pb2 import RetryInfo
from grpc_status import rpc_status

PATH = "/iris_classifier.v1.IrisClassifierService"
LARGEST = 64 * 1024 * 1024
# Real flowers, and what they are.
FLOWERS = [
    ("setosa", (5.1, 3.5, 1.4, 0.2)),
    ("versicolor", (6.0, 2.7, 4.2, 1.3)),
    ("virginica", (6.7, 3.0, 5.6, 2.3)),
]
FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")

# What the contract calls the first of them.
SETOSA = 1

RIGHT, WRONG = "right", "wrong"
Ask = Callable[[int], Awaitable[str]]


def messages() -> ModuleType:
    """Return the messages of the service; its project has to be importable by now."""
    return import_module("iris_classifier.v1.service_pb2")


def new_client(*addresses: str, connections: int = 1) -> Any:
    """Return a client, as the project has it, of servers that take each other's place."""
    client = import_module("iris_classifier")
    return client.AsyncClient(addresses, connections=connections)


@asynccontextmanager
async def stub_of(address: str) -> AsyncIterator[Any]:
    """Connect without what the client adds: no call is tried again."""
    once = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]
    stubs = import_module("iris_classifier.v1.service_pb2_grpc")
    async with grpc.aio.insecure_channel(address, options=once) as channel:
        yield stubs.IrisClassifierServiceStub(channel)


def flower_of(number: int) -> dict[str, float]:
    """Return a flower; numbers take turns through the species."""
    return dict(zip(FEATURES, FLOWERS[number % len(FLOWERS)][1], strict=True))


def asking_flowers(client: Any) -> Ask:
    """Return what asks for the species of flowers, as users would."""
    error_type = import_module("iris_classifier").CallError

    async def ask(number: int) -> str:
        try:
            prediction = await client.predict(**flower_of(number))
        except error_type as error:
            return str(error)
        return RIGHT if prediction.species == FLOWERS[number % len(FLOWERS)][0] else WRONG

    return ask


def echo_request(number: int, *, poison: bool = False) -> Any:
    """Return a request that no other number has."""
    pb = messages()
    values = (number % 30, number // 30 % 30, number // 900 % 30, int(poison))
    return pb.PredictRequest(instance=pb.Instance(**dict(zip(FEATURES, values, strict=True))))


def is_echo(response: Any, number: int) -> bool:
    """Tell whether a response is the one to this number."""
    return [*response.prediction.probabilities] == [
        number % 30,
        number // 30 % 30,
        number // 900 % 30,
    ]


async def outcome_of(call: Any, number: int) -> str:
    """Return how a call of an echo ends."""
    try:
        return RIGHT if is_echo(await call, number) else WRONG
    except asyncio.CancelledError:
        return "CANCELLED"
    except grpc.RpcError as error:
        return str(error.code().name)


def retry_seconds(error: grpc.RpcError) -> float | None:
    """Return when a refused call may be tried again, if the server says so."""
    status = rpc_status.from_call(cast(grpc.Call, error))
    info = RetryInfo()
    if not status or not status.details or not status.details[0].Unpack(info):
        return None
    return info.retry_delay.ToTimedelta().total_seconds()


@asynccontextmanager
async def under_load(ask: Ask, in_flight: int) -> AsyncIterator[Counter[str]]:
    """Keep so many calls in flight; count how they end."""
    outcomes: Counter[str] = Counter()
    stopping = False

    async def caller(number: int) -> None:
        while not stopping:
            outcomes[await ask(number)] += 1
            number += in_flight

    callers = [asyncio.ensure_future(caller(number)) for number in range(in_flight)]
    try:
        yield outcomes
    finally:
        stopping = True
        await asyncio.gather(*callers)


async def until(true: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until something is so; fail with what that is if it takes too long."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited {seconds:.0f} s in vain until {what}"
        await asyncio.sleep(0.02)
