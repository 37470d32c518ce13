"""Where clients connect to, of all that names servers."""

import json
from typing import Any

import pytest
from engine.calling.addresses import addresses_in, target_of
from engine.calling.channels import channel_arguments
from engine.calling.errors import CallError


@pytest.mark.parametrize(
    ("addresses", "target"),
    [
        (["127.0.0.1:1", "127.0.0.2:2"], "ipv4:127.0.0.1:1,127.0.0.2:2"),
        (["[::1]:1", "[::2]:2"], "ipv6:[::1]:1,[::2]:2"),
        (["127.0.0.1:1", "[::1]:2"], "ipv6:[::ffff:127.0.0.1]:1,[::1]:2"),
    ],
)
def test_addresses_of_both_families_are_one_target(addresses: list[str], target: str) -> None:
    assert target_of(addresses) == target


@pytest.mark.parametrize(
    ("target", "addresses"),
    [
        ("localhost:1", ["localhost:1"]),
        ("dns:///a:1", ["dns:///a:1"]),
        ("ipv4:127.0.0.1:1,127.0.0.2:2", ["127.0.0.1:1", "127.0.0.2:2"]),
        ("ipv6:[::1]:1,[::2]:2", ["[::1]:1", "[::2]:2"]),
        (("a:1", "b:2"), ["a:1", "b:2"]),
    ],
)
def test_a_list_of_addresses_may_be_grpcs_own(target: str, addresses: list[str]) -> None:
    assert addresses_in(target) == addresses


@pytest.mark.parametrize("target", ["localhost", "http://localhost:1", ["a:1", "b"]])
def test_what_grpc_would_take_for_another_address_is_told(target: str | list[str]) -> None:
    with pytest.raises(ValueError, match="expected HOST:PORT, got "):
        addresses_in(target)


@pytest.mark.parametrize("target", [None, 50051, [None]])
def test_what_is_no_address_at_all_is_told(target: Any) -> None:
    with pytest.raises(ValueError, match=r"expected HOST:PORT, (or several of them, )?got "):
        addresses_in(target)


@pytest.mark.parametrize("address", ["localhost", ":1", "localhost:http", ""])
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(ValueError, match="expected HOST:PORT, got "):
        target_of([address])


@pytest.mark.parametrize("target", ["127.0.0.1:65536", ["a:1", "b:99999"], "ipv4:127.0.0.1:70000"])
def test_a_port_that_grpc_would_take_for_another_one_is_told(target: str | list[str]) -> None:
    with pytest.raises(ValueError, match="expected a port up to 65535, got "):
        addresses_in(target)


def test_a_host_that_there_is_not_is_told() -> None:
    with pytest.raises(CallError, match=r"UNAVAILABLE: no-such-host\.invalid:1: "):
        target_of(["no-such-host.invalid:1"])


def test_all_methods_are_tried_again_but_streams_and_health() -> None:
    _, options = channel_arguments("localhost:1", 1000, ["a.v1.Service.Stream"])
    config = json.loads(dict(options)["grpc.service_config"])
    every, *others = config["methodConfig"]
    assert every["name"] == [{}]
    assert every["retryPolicy"]["retryableStatusCodes"] == ["UNAVAILABLE"]
    names = [name for other in others for name in other["name"] if "retryPolicy" not in other]
    assert {"service": "a.v1.Service", "method": "Stream"} in names
    assert {"service": "grpc.health.v1.Health"} in names
