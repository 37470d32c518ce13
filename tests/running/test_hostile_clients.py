"""What clients do to the service that are slow, vanish, or mean no good."""

import asyncio
import contextlib
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import grpc
import http2
import pytest
from calling import (
    PATH,
    RIGHT,
    SETOSA,
    asking_flowers,
    flower_of,
    messages,
    new_client,
)
from hostile import LIMIT, PREDICT, bodies, conversations
from http2 import (
    DATA,
    END_HEADERS,
    HEADERS,
    WINDOW_UPDATE,
    Connection,
    call,
    frame,
    headers_of,
    hello,
    message,
)
from serving import Service, Start, needs_proc

pytestmark = pytest.mark.slow

METHODS = [
    f"{PATH}/Predict",
    f"{PATH}/BatchPredict",
    f"{PATH}/StreamPredict",
    f"{PATH}/GetModelMetadata",
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
]

CODES = {code.value[0]: code.name for code in grpc.StatusCode}
LAST_STREAM = 99_999
# How many clients of each kind there are.
CLIENTS = 50
# Linux's option to end connections that go on elsewhere; it takes privileges.
TCP_REPAIR = 19
MOST_POURED = 32 * 1024 * 1024


def valid_request() -> bytes:
    """Return a request that can be answered."""
    pb = messages()
    data: bytes = pb.PredictRequest(instance=pb.Instance(**flower_of(0))).SerializeToString()
    return data


async def served(service: Service, calls: int = 500) -> Counter[str]:
    """Call the service as users do, and return how the calls ended."""
    async with new_client(service.address) as client:
        ask = asking_flowers(client)
        return Counter(await asyncio.gather(*map(ask, range(calls))))


def test_requests_that_are_no_messages_get_a_clean_status(
    iris: Path, start: Start, runner: asyncio.Runner
) -> None:
    service = start(iris, SERVER_MAX_MESSAGE_BYTES=LIMIT)

    async def send(method: Any, body: bytes) -> str:
        call = method(iter([body]), timeout=30)
        try:
            await call.read()
            return "OK"
        except grpc.RpcError as error:
            return str(error.code().name)
        finally:
            call.cancel()

    async def send_all() -> Counter[str]:
        outcomes: Counter[str] = Counter()
        chance = random.Random(1)
        async with grpc.aio.insecure_channel(service.address) as channel:
            methods: list[grpc.aio.StreamStreamMultiCallable[bytes, bytes]]
            methods = [channel.stream_stream(path) for path in METHODS]
            free = asyncio.Semaphore(64)

            async def one(body: bytes) -> None:
                async with free:
                    outcomes[await send(chance.choice(methods), body)] += 1

            await asyncio.gather(*map(one, bodies(chance, valid_request())))
        return outcomes

    outcomes = runner.run(send_all())
    print(f"requests that are no messages: {dict(outcomes)}")
    assert outcomes.keys() == {"OK", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"}
    assert "Traceback" not in service.log
    assert runner.run(served(service)) == {RIGHT: 500}


@needs_proc
def test_a_message_far_above_the_limit_is_refused_unread(
    iris: Path,
    start: Start,
    transport: str,
    runner: asyncio.Runner,
    request: pytest.FixtureRequest,
) -> None:
    if transport == "native":
        request.applymarker(pytest.mark.xfail(reason="pygrpc-native reads it whole", strict=True))
    service = start(iris, SERVER_MAX_MESSAGE_BYTES=LIMIT)
    before = service.peak_memory()

    async def send() -> grpc.StatusCode:
        unlimited = [("grpc.max_send_message_length", -1)]
        async with grpc.aio.insecure_channel(service.address, options=unlimited) as channel:
            predict: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
            predict = channel.unary_unary(f"{PATH}/Predict")
            with pytest.raises(grpc.RpcError) as caught:
                await predict(bytes(128 * LIMIT), timeout=60)
            return caught.value.code()

    assert runner.run(send()) is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert runner.run(served(service)) == {RIGHT: 500}
    print(f"128 MiB where 1 is allowed: memory {before:.1f}, at most {service.peak_memory():.1f}")
    assert service.peak_memory() < before + 64


def test_frames_that_break_the_rules_harm_only_their_connection(
    iris: Path, start: Start, runner: asyncio.Runner
) -> None:
    service = start(iris, SERVER_MAX_MESSAGE_BYTES=LIMIT)
    valid = valid_request()
    goodbye = call(LAST_STREAM, PREDICT, message(valid))
    statuses: Counter[str] = Counter()
    for words in conversations(random.Random(1), valid):
        # The server may close the connection, or wait for what the words have promised.
        with (
            Connection(service.address, timeout=1) as connection,
            contextlib.suppress(ConnectionError, TimeoutError),
        ):
            connection.send(words)
            connection.send(goodbye)
            for stream, status in connection.statuses():
                statuses[CODES[status]] += 1
                if stream == LAST_STREAM:
                    break
    print(f"frames that break the rules: {dict(statuses)}")
    assert statuses["OK"]
    assert not statuses["UNKNOWN"]
    assert "Traceback" not in service.log
    assert runner.run(served(service)) == {RIGHT: 500}


def test_slow_and_silent_clients_wait_for_themselves_alone(
    iris: Path, start: Start, runner: asyncio.Runner
) -> None:
    service = start(iris)
    before = service.memory()
    with ExitStack() as stack:
        connections = [stack.enter_context(Connection(service.address)) for _ in range(6 * CLIENTS)]
        kinds = (connections[kind::6] for kind in range(6))
        _silent, idle, vanishing, leaving, writers, readers = kinds
        for connection in idle:
            connection.send(hello())
        for connection in vanishing + leaving:
            connection.send(hello() + frame(HEADERS, END_HEADERS, 1, PREDICT))
        for connection in vanishing:
            vanish(connection.socket)
        for connection in leaving:
            connection.socket.close()
        request = call(1, PREDICT, message(valid_request()))
        for connection in readers:
            connection.send(hello(window=0) + request)
        with writing_slowly(writers, hello() + request):
            assert runner.run(served(service, 2000)) == {RIGHT: 2000}
        for connection in readers:
            connection.send(frame(WINDOW_UPDATE, 0, 1, http2.WIDEST_WINDOW.to_bytes(4, "big")))
        answers = [connection.answer(1) for connection in writers + readers]
    print(f"slow clients: memory {before:.1f} -> {service.memory():.1f} MiB")
    parsed = map(messages().PredictResponse.FromString, answers)
    assert {response.prediction.species for response in parsed} == {SETOSA}
    assert runner.run(served(service)) == {RIGHT: 500}


@contextmanager
def writing_slowly(connections: list[Connection], words: bytes) -> Iterator[None]:
    """Send words on each connection, a byte at a time; hurry only at the end."""
    hurry = threading.Event()

    def write() -> None:
        for place in range(len(words)):
            for connection in connections:
                connection.send(words[place : place + 1])
            hurry.wait(0.01)

    with ThreadPoolExecutor(1) as thread:
        written = thread.submit(write)
        try:
            yield
        finally:
            hurry.set()
        written.result()


def vanish(connection: socket.socket) -> None:
    """End a connection without a word to its peer, or rudely where the system does not let us."""
    try:
        connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    except OSError:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_a_stream_whose_answers_nobody_reads_is_not_read_on(iris: Path, start: Start) -> None:
    service = start(iris)
    pb = messages()
    request = pb.StreamPredictRequest(instance=pb.Instance(**flower_of(0))).SerializeToString()
    with Connection(service.address, timeout=1) as connection:
        connection.send(hello(window=0))
        connection.send(frame(HEADERS, END_HEADERS, 1, headers_of(f"{PATH}/StreamPredict")))
        sent = pour(connection, frame(DATA, 0, 1, message(request) * 100))
    print(f"stream that nobody reads: {sent / 2**10:.0f} KiB taken")
    assert sent < MOST_POURED


def test_a_client_that_reads_no_answers_loses_its_connection_and_leaves_room_for_others(
    iris: Path, start: Start, runner: asyncio.Runner
) -> None:
    # Each answer takes about a sixth of what unsent ones may take up in all.
    service = start(iris, SERVER_MAX_IN_FLIGHT_BYTES=LIMIT // 8)
    pb = messages()
    columns = {name: [value] * 400 for name, value in flower_of(0).items()}
    request = pb.BatchPredictRequest(instances=pb.InstanceColumns(**columns)).SerializeToString()
    headers = headers_of(f"{PATH}/BatchPredict")
    for _ in range(3):
        with Connection(service.address, timeout=20) as connection:
            connection.send(hello(window=0))
            with pytest.raises(ConnectionError):
                call_on_and_on(connection, headers, message(request))
    assert runner.run(served(service)) == {RIGHT: 500}


def call_on_and_on(connection: Connection, headers: bytes, data: bytes) -> None:
    """Make some calls at once, and then one after another for a while."""
    for number in range(1, 81, 2):
        connection.send(call(number, headers, data))
        # Connections are ended when a further call wants the room that their answers take up.
        time.sleep(0.0 if number < 40 else 1.0)


def pour(connection: Connection, data: bytes) -> int:
    """Send frames of a stream for as long as the server takes them; return how many bytes it took."""
    sent = 0
    room = {0: 65_535, 1: 65_535}
    frames = connection.frames()
    with contextlib.suppress(TimeoutError):
        while sent < MOST_POURED:
            while min(room.values()) < len(data):
                found = next(frames)
                if found.kind == WINDOW_UPDATE:
                    room[found.stream] += int.from_bytes(found.payload, "big")
            connection.send(data)
            sent += len(data)
            room = {stream: left - len(data) for stream, left in room.items()}
    return sent
