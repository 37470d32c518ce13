"""The connections of a client."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import grpc

from .addresses import addresses_in, target_of
from .errors import CallError

RETRIED = {
    "name": [{}],  # All methods but those that are named.
    "retryPolicy": {
        # They take about three seconds, in which a server ends or another one starts.
        "maxAttempts": 5,
        "initialBackoff": "0.1s",
        "maxBackoff": "2s",
        "backoffMultiplier": 3,
        "retryableStatusCodes": ["UNAVAILABLE"],
    },
}
# Who waits for a server wants to know why it does not answer.
HEALTH = {"service": "grpc.health.v1.Health"}
# What gRPC counts bytes in is an int of C.
LARGEST_LIMIT = 2**31 - 1

# What goes along with a call, such as a token: names in lower case, and their values.
Metadata = Mapping[str, str | bytes] | Sequence[tuple[str, str | bytes]]


def channel_arguments(
    target: str | Sequence[str], max_message_bytes: int, streams: Sequence[str] = ()
) -> tuple[str, list[tuple[str, Any]]]:
    """Return the target and the options of channels.

    Args:
        target: One address, or several.
        max_message_bytes: The largest request or response.
        streams: The full names of methods that take streams. grpcio loses requests when it tries
            such a call again while more of them come, so that answers would belong to others.
    """
    if not 0 < max_message_bytes <= LARGEST_LIMIT:
        raise ValueError(f"max_message_bytes must be from 1 to {LARGEST_LIMIT}")
    addresses = addresses_in(target)
    methods = (stream.rpartition(".") for stream in streams)
    names = [{"service": service, "method": method} for service, _, method in methods]
    config: dict[str, Any] = {"methodConfig": [RETRIED, {"name": [HEALTH, *names]}]}
    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        # A call whose request is larger than this is not retried.
        ("grpc.per_rpc_retry_buffer_size", max_message_bytes),
        # Every channel has a connection of its own, rather than one with all to the same target.
        ("grpc.use_local_subchannel_pool", 1),
        # With the usual second, retries would be used up before a lost connection is made again.
        ("grpc.initial_reconnect_backoff_ms", 100),
        # A server that was away for long is found within a second, at a connection attempt a
        # second while it is away. The usual two minutes would outlast most that wait for it.
        ("grpc.max_reconnect_backoff_ms", 1000),
    ]
    if len(addresses) > 1:
        config["loadBalancingConfig"] = [{"round_robin": {}}]
        # Without it, gRPC makes one of the whole list, which HTTP/2 servers refuse.
        options.append(("grpc.default_authority", addresses[0]))
    name = target_of(addresses) if len(addresses) > 1 else addresses[0]
    return name, [*options, ("grpc.service_config", json.dumps(config))]


def pairs(metadata: Metadata | None) -> Sequence[tuple[str, str | bytes]] | None:
    """Return metadata as gRPC takes it."""
    return tuple(metadata.items()) if isinstance(metadata, Mapping) else metadata


def received(response: Any) -> Any:
    """Return a response, which gRPC leaves out if there is none or it cannot be parsed."""
    if response is None:
        message = "the answer cannot be read; is this the service that the client is made for?"
        raise CallError(grpc.StatusCode.INTERNAL, message)
    return response
