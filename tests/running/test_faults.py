"""What happens to calls when servers end, callers leave, and more comes in than can be done."""

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import grpc
import pytest
from calling import (
    PATH,
    RIGHT,
    SETOSA,
    asking_flowers,
    echo_request,
    flower_of,
    is_echo,
    messages,
    new_client,
    outcome_of,
    retry_seconds,
    stub_of,
    under_load,
    until,
)
from http2 import Connection, headers_of, hello
from serving import Service, Start, needs_proc

pytestmark = pytest.mark.slow


CALLS_AT_A_PACE, CALLS_A_SECOND = 1500, 500
# What goes wrong by chance is looked for several times.
RUNS = [0, 1, *(pytest.param(run, marks=pytest.mark.deep) for run in range(2, 5))]

# MiB that a service may grow by under load.
MOST_GROWTH = 5


# Servers that end


def test_servers_that_end_one_after_another_under_load_fail_no_call(
    iris: Path, start: Start, runner: asyncio.Runner
) -> None:
    services = [start(iris) for _ in range(3)]

    async def end() -> Counter[str]:
        async with new_client(*(service.address for service in services)) as client:
            async with under_load(asking_flowers(client), 64) as outcomes:
                for service in services[:2]:
                    await more_than(outcomes, 1000)
                    assert await asyncio.to_thread(service.stop) == 0
                await more_than(outcomes, 1000)
            return outcomes

    outcomes = runner.run(end())
    print(f"SIGTERM of 2 of 3 servers: {dict(outcomes)}")
    assert outcomes.keys() == {RIGHT}


# A client of grpcio that does no more than try again elsewhere.
TRY_AGAIN = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.05s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}


@asynccontextmanager
async def plain_client(*addresses: str) -> AsyncIterator[Any]:
    """Connect to servers that take each other's place."""
    options = [
        ("grpc.service_config", json.dumps(TRY_AGAIN)),
        ("grpc.default_authority", "localhost"),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    stubs = import_module("iris_classifier.v1.service_pb2_grpc")
    async with grpc.aio.insecure_channel("ipv4:" + ",".join(addresses), options=options) as channel:
        yield stubs.IrisClassifierServiceStub(channel)


@pytest.mark.parametrize("run", RUNS)
def test_a_server_that_ends_fails_no_call_of_64_callers_that_try_again(
    iris: Path, start: Start, runner: asyncio.Runner, run: int
) -> None:
    services = [start(iris) for _ in range(2)]
    request = messages().PredictRequest(instance=messages().Instance(**flower_of(0)))

    async def end() -> Counter[str]:
        async with plain_client(*(service.address for service in services)) as stub:

            async def ask(number: int) -> str:
                return await status_of(stub.Predict(request, timeout=20))

            async with under_load(ask, 64) as outcomes:
                await more_than(outcomes, 3000)
                assert await asyncio.to_thread(services[0].stop) == 0
                await more_than(outcomes, 3000)
            return outcomes

    assert runner.run(end()).keys() == {"OK"}


@pytest.mark.parametrize("run", RUNS)
def test_a_server_that_ends_fails_no_call_of_callers_who_wait_for_no_answer(
    iris: Path, start: Start, runner: asyncio.Runner, run: int
) -> None:
    services = [start(iris) for _ in range(2)]
    request = messages().PredictRequest(instance=messages().Instance(**flower_of(0)))

    async def end() -> Counter[str]:
        async with plain_client(*(service.address for service in services)) as stub:
            calls = []
            began = time.monotonic()
            for number in range(CALLS_AT_A_PACE):
                await asyncio.sleep(began + number / CALLS_A_SECOND - time.monotonic())
                call = stub.Predict(request, timeout=20)
                calls.append(asyncio.ensure_future(status_of(call)))
                if number == CALLS_AT_A_PACE // 2:
                    services[0].terminate()
            return Counter(await asyncio.gather(*calls))

    assert runner.run(end()).keys() == {"OK"}


async def status_of(call: Any) -> str:
    """Return how a call ends."""
    try:
        await call
    except grpc.RpcError as error:
        return f"{error.code().name}: {error.details()}"
    return "OK"


def test_a_server_that_takes_long_to_end_fails_no_call(
    echo: Path, start: Start, runner: asyncio.Runner
) -> None:
    services = [start(echo, ECHO_SECONDS=1.8) for _ in range(2)]

    async def end() -> list[Any]:
        async with new_client(*(service.address for service in services)) as client:

            async def ask() -> Any:
                return await client.predict(**flower_of(0) | {"petal_width": 0}, timeout=30)

            before = [asyncio.ensure_future(ask()) for _ in range(4)]
            await asyncio.sleep(0.5)
            services[0].terminate()
            await asyncio.sleep(0.5)
            return await asyncio.gather(*before, *(ask() for _ in range(4)), return_exceptions=True)

    predictions = runner.run(end())
    assert [found for found in predictions if isinstance(found, Exception)] == []


# As many as a connection takes at once; the client keeps more to itself.
ACCEPTED = 250


def test_calls_that_were_accepted_are_answered_when_the_server_ends(
    echo: Path, start: Start, runner: asyncio.Runner
) -> None:
    service = start(echo, ECHO_SECONDS=0.25, SERVER_MAX_BATCH_SIZE=64)
    warmed = len(service.workers)  # By a row each.

    async def end() -> tuple[Counter[str], Counter[str]]:
        async with stub_of(service.address) as stub:

            async def ask(number: int) -> str:
                outcome = await outcome_of(stub.Predict(echo_request(number), timeout=30), number)
                if outcome != RIGHT:
                    await asyncio.sleep(0.1)
                return outcome

            accepted = [asyncio.ensure_future(ask(number)) for number in range(ACCEPTED)]
            await until(lambda: sum(call.done() for call in accepted) >= 64, "64 calls have ended")
            service.terminate()
            async with under_load(ask, 32) as later:
                outcomes = Counter(await asyncio.gather(*accepted))
            return outcomes, later

    accepted, later = runner.run(end())
    rows = service.rows()
    print(f"SIGTERM: accepted {dict(accepted)}, later {dict(later)}, {rows} rows")
    assert accepted == {RIGHT: ACCEPTED}
    assert later.keys() <= {RIGHT, "UNAVAILABLE"}
    assert rows == warmed + accepted[RIGHT] + later[RIGHT]


def test_killing_one_of_two_workers_under_load_fails_no_call(
    iris: Path, start: Start, runner: asyncio.Runner
) -> None:
    service = start(iris, SERVER_WORKERS=2)

    async def kill() -> Counter[str]:
        # So many connections that each worker has some.
        async with new_client(service.address, connections=8) as client:
            async with under_load(asking_flowers(client), 64) as outcomes:
                await more_than(outcomes, 1000)
                os.kill(service.workers[0], signal.SIGKILL)
                await more_than(outcomes, 3000)
            await until(lambda: listeners(service) == 3, "a third worker has listened")
            return outcomes

    outcomes = runner.run(kill())
    print(f"kill -9: {dict(outcomes)}")
    assert outcomes.keys() == {RIGHT}
    assert len(service.workers) == 2


def listeners(service: Service) -> int:
    """Return how many processes have listened, each of which says on what transport."""
    return service.log.count("Transport: ")


async def more_than(outcomes: Counter[str], calls: int) -> None:
    """Wait until so many more calls have ended."""
    before = outcomes.total()
    await until(lambda: outcomes.total() > before + calls, f"{calls} more calls have ended")


# Callers that leave, and calls that fail


def test_one_poisonous_one_cancelled_and_one_expired_call_leave_61_of_a_batch_right(
    echo: Path, start: Start, runner: asyncio.Runner
) -> None:
    service = start(echo, ECHO_SECONDS=0.3)
    poisonous, cancelled, expired = 7, 23, 42

    async def ask_all() -> list[str]:
        async with stub_of(service.address) as stub:
            busy = asyncio.ensure_future(outcome_of(stub.Predict(echo_request(64)), 64))
            await asyncio.sleep(0.1)
            calls = [
                stub.Predict(
                    echo_request(number, poison=number == poisonous),
                    timeout=0.1 if number == expired else 30,
                )
                for number in range(64)
            ]
            outcomes = [
                asyncio.ensure_future(outcome_of(*each))
                for each in zip(calls, range(64), strict=True)
            ]
            await asyncio.sleep(0.1)
            calls[cancelled].cancel()
            assert await busy == RIGHT
            return await asyncio.gather(*outcomes)

    outcomes = runner.run(ask_all())
    print(f"batch of 64: {dict(Counter(outcomes))}")
    assert outcomes[poisonous] == "INTERNAL"
    assert outcomes[cancelled] == "CANCELLED"
    assert outcomes[expired] == "DEADLINE_EXCEEDED"
    assert outcomes.count(RIGHT) == 61


# When the calls of a wave are cancelled: before they are sent, while they wait, while they run, and
# when they are answered.
CANCELLED_AFTER = [0, 0.02, 0.05, 0.2]
# As many as a connection runs at once.
WAVE = 250


@needs_proc
def test_a_storm_of_10_000_cancelled_calls_harms_no_neighbour_and_leaves_nothing_behind(
    echo: Path, start: Start, runner: asyncio.Runner
) -> None:
    # Calls that stayed in the queue would soon fill it.
    service = start(echo, ECHO_SECONDS=0.03, SERVER_MAX_QUEUE_CALLS=WAVE)
    outcomes: Counter[str] = Counter()
    memory = []

    async def wave(stub: Any, seconds: float) -> None:
        calls = [stub.Predict(echo_request(number), timeout=30) for number in range(WAVE)]
        ends = [
            asyncio.ensure_future(outcome_of(*each))
            for each in zip(calls, range(WAVE), strict=True)
        ]
        if seconds:
            await asyncio.sleep(seconds)
        neighbours = ends[::5]
        for call, end in zip(calls, ends, strict=True):
            if end not in neighbours:
                call.cancel()
        assert Counter(await asyncio.gather(*neighbours)) == {RIGHT: WAVE // 5}
        outcomes.update(await asyncio.gather(*ends))

    async def storm() -> None:
        # On a busy machine, the native transport's HTTP/2 may end a connection on which calls are
        # reset faster than it takes them in; the others are tried again then.
        async with plain_client(service.address) as stub:
            for _ in range(14):
                for seconds in CANCELLED_AFTER:
                    await wave(stub, seconds)
                memory.append(service.memory())

    runner.run(storm())
    shown = ", ".join(f"{each:.1f}" for each in memory)
    print(f"cancel storm: {dict(outcomes)}, {service.rows()} rows run, memory {shown} MiB")
    assert outcomes.keys() == {RIGHT, "CANCELLED"}
    assert outcomes["CANCELLED"] > 5000
    assert min(memory[-3:]) < max(memory[:3]) + MOST_GROWTH


# More than can be done


@needs_proc
def test_a_server_asked_ten_times_what_it_can_do_does_what_it_can(
    echo: Path, start: Start, runner: asyncio.Runner
) -> None:
    service = start(echo, ECHO_SECONDS=0.04, SERVER_MAX_BATCH_SIZE=4, SERVER_MAX_QUEUE_CALLS=32)
    peak = runner.run(goodput(service))
    # What so many calls take at once is kept for the next ones.
    runner.run(Asked().steadily(service, calls=1000, a_second=1000))
    before = service.memory()
    asked = Asked()
    began = time.monotonic()
    runner.run(asked.steadily(service, calls=3000, a_second=1000))
    reached = len(asked.answered) / (time.monotonic() - began)
    refused, after = asked.refused, service.memory()
    print(
        f"overload: {reached:.0f}/s, peak {peak:.0f}/s; {len(refused)} refused, "
        f"p50 {1000 * median(refused):.1f} ms, p99 {1000 * quantiles(refused, n=100)[-1]:.1f} ms; "
        f"answered p50 {1000 * median(asked.answered):.0f} ms; memory {before:.1f} -> {after:.1f} MiB"
    )
    assert asked.wrong == []
    assert reached > 0.5 * peak
    assert median(refused) < median(asked.answered)
    assert after < before + MOST_GROWTH


async def goodput(service: Service) -> float:
    """Return how many calls a second an echo answers that is busy, and not more than that."""
    async with stub_of(service.address) as stub:

        async def ask(number: int) -> str:
            return await outcome_of(stub.Predict(echo_request(number), timeout=30), number)

        began = time.monotonic()
        async with under_load(ask, 16) as outcomes:
            await more_than(outcomes, 200)
        assert outcomes.keys() == {RIGHT}
        return outcomes[RIGHT] / (time.monotonic() - began)


class Asked:
    """How calls of an echo ended that were made at a steady pace, whatever became of them.

    Attributes:
        answered, refused: How many seconds each took that was answered, or refused for now.
        wrong: How the others ended.
    """

    def __init__(self) -> None:
        self.answered: list[float] = []
        self.refused: list[float] = []
        self.wrong: list[str] = []

    async def steadily(self, service: Service, *, calls: int, a_second: int) -> None:
        """Make calls."""
        async with stub_of(service.address) as stub:
            running = []
            began = time.monotonic()
            for number in range(calls):
                await asyncio.sleep(began + number / a_second - time.monotonic())
                running.append(asyncio.ensure_future(self._ask(stub, number)))
            await asyncio.gather(*running)

    async def _ask(self, stub: Any, number: int) -> None:
        began = time.monotonic()
        try:
            response = await stub.Predict(echo_request(number), timeout=30)
            good, times = is_echo(response, number), self.answered
        except grpc.RpcError as error:
            good, times = retry_seconds(error) is not None, self.refused
            self.wrong += [] if good else [str(error)]
        if good:
            times.append(time.monotonic() - began)


# Memory

# What some seconds allow.
CALLS = {"native": 300_000, "grpcio": 100_000, "asyncio": 30_000}


@pytest.mark.deep
@needs_proc
def test_hundreds_of_thousands_of_calls_leave_no_memory_behind(
    iris: Path, start: Start, transport: str
) -> None:
    service = start(iris)
    pb = messages()
    body = pb.PredictRequest(instance=pb.Instance(**flower_of(0))).SerializeToString()
    headers = headers_of(f"{PATH}/Predict")

    def ask(calls: int) -> Counter[bytes]:
        with Connection(service.address) as connection:
            connection.send(hello())
            return connection.call_often(headers, body, calls, at_once=64)

    ask(10_000)
    before = service.memory()
    began = time.monotonic()
    responses = ask(CALLS[transport])
    seconds, after = time.monotonic() - began, service.memory()
    print(f"{responses.total()} calls in {seconds:.0f} s: memory {before:.1f} -> {after:.1f} MiB")
    assert responses.total() == CALLS[transport]
    parsed = map(pb.PredictResponse.FromString, responses)
    assert {response.prediction.species for response in parsed} == {SETOSA}
    assert after < before + MOST_GROWTH
