"""What attacks do to the memory of a service, and to a caller that means well."""

from pathlib import Path

import attacks
import pytest
from attacks import Attack, Damage, damage_of
from baking import bake, compile_stubs
from calling import flower_of, messages
from hostile import varint
from serving import Service, Start, needs_proc

pytestmark = [pytest.mark.deep, needs_proc]

# MiB of the process with the model, in all.
MOST_MEMORY = 512
# MiB that the allocator may keep from an attack; a second one fills them again.
MOST_KEPT = 128
LONGEST_SECONDS = 1.0

FLOODS = [
    attacks.rapid_reset,
    attacks.rapid_reset_of_open_calls,
    attacks.endless_calls,
    attacks.header_bombs,
]
# Rows whose answers take 1 MB.
UNREAD_ROWS = 250


def one_flower() -> bytes:
    """Return a request of one row."""
    pb = messages()
    data: bytes = pb.PredictRequest(instance=pb.Instance(**flower_of(0))).SerializeToString()
    return data


def hold_to_limits(damage: Damage, again: Damage) -> None:
    """Fail if an attack, or the same one once more, did more harm than it may."""
    for each in (damage, again):
        print(f"{each}")
        assert each.peak < MOST_MEMORY
        assert each.p99 < LONGEST_SECONDS
        assert each.outcomes.keys() == {"OK"}
    assert again.after < damage.after + MOST_KEPT


@pytest.mark.parametrize("attack", FLOODS, ids=lambda attack: attack.__name__)
def test_a_flood_takes_little_memory_and_keeps_no_other_caller_waiting(
    iris: Path, start: Start, attack: Attack
) -> None:
    service = start(iris)
    good = one_flower()
    hold_to_limits(*(damage_of(attack, service, good, good) for _ in range(2)))


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose answers are a thousand times as large as what it is asked."""
    folder = tmp_path_factory.mktemp("wide")
    project = bake(folder, inputs="size: float", outputs="scores: float[1000]")
    compile_stubs(project)
    return project


def test_answers_that_nobody_reads_are_bounded_on_grpcio(wide: Path, tmp_path: Path) -> None:
    # Both packages have one name, so this one is never imported: a float is five bytes, as the
    # only field, and one of a column is four.
    good = b"\n\x05\r" + bytes(4)
    column = b"\n" + varint(4 * UNREAD_ROWS) + bytes(4 * UNREAD_ROWS)
    request = b"\n" + varint(len(column)) + column
    with Service(wide, tmp_path / "server.log", SERVER_TRANSPORT="grpcio") as service:
        unread = attacks.unread_answers
        hold_to_limits(*(damage_of(unread, service, request, good) for _ in range(2)))
