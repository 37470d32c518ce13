"""What attacks do to the memory of a service, and to a caller that means well."""

import io
from pathlib import Path

import attacks
import pytest
from attacks import Attack, damage_of
from baking import bake, compile_stubs
from calling import flower_of, messages
from PIL import Image
from protobuf_wire import varint
from serving import Service, Start, needs_proc

pytestmark = [pytest.mark.deep, needs_proc, pytest.mark.xdist_group("attacks")]

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
    attacks.silent_streams,
    attacks.reconnecting_streams,
]
# Rows whose answers take 1 MB.
UNREAD_ROWS = 250
# As many rows as the budget just takes, and far more.
SMALL_TABLE, ROWS = 20_000, 1_100_000
# 24 MB on the wire, and 600 when they are parsed.
EMPTY_TENSORS = 12_000_000
LONG_TEXT = 8_000_000


def one_flower() -> bytes:
    """Return a request of one row."""
    pb = messages()
    data: bytes = pb.PredictRequest(instance=pb.Instance(**flower_of(0))).SerializeToString()
    return data


def hold_to_limits(attack: Attack, service: Service, request: bytes, good: bytes) -> None:
    """Fail if an attack, or the same one once more, does more harm than it may."""
    damage, again = (damage_of(attack, service, request, good) for _ in range(2))
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
    hold_to_limits(attack, service, good, good)


def test_tables_of_a_million_rows_take_little_memory_and_keep_no_other_caller_waiting(
    iris: Path, start: Start
) -> None:
    pb = messages()
    columns = pb.InstanceColumns(**{name: [value] * ROWS for name, value in flower_of(0).items()})
    request = pb.BatchPredictRequest(instances=columns).SerializeToString()
    service = start(iris)
    hold_to_limits(attacks.many_tables, service, request, one_flower())


# The packages that follow have the name of the first, so none is imported, and requests are bytes.


def baked(folder: Path, **schemas: str) -> Path:
    """Return a project of a schema."""
    project = bake(folder, **schemas)
    compile_stubs(project)
    return project


def field(content: bytes) -> bytes:
    """Return a message whose first field has this content."""
    return b"\n" + varint(len(content)) + content


@pytest.mark.parametrize("rows", [SMALL_TABLE, ROWS])
def test_columns_left_out_take_up_no_more_than_they_may(
    tmp_path: Path, start: Start, rows: int
) -> None:
    schemas = {"inputs": "flag: bool, pad: float[1000] = 0", "outputs": "score: float"}
    service = start(baked(tmp_path, **schemas))
    request, good = field(field(b"\1" * rows)), field(b"\x08\1")
    hold_to_limits(attacks.many_tables, service, request, good)


def test_elements_that_are_small_on_the_wire_take_up_no_more_than_they_may(
    tmp_path: Path, start: Start
) -> None:
    service = start(baked(tmp_path, inputs="x: float[?,?]", outputs="score: float"))
    one = field(b"\1\1") + b"\x12\4" + bytes(4)
    request, good = field(b"\n\0" * EMPTY_TENSORS), field(field(one))
    hold_to_limits(attacks.one_table_at_a_time, service, request, good)


def test_streams_of_large_instances_take_up_no_more_than_they_may(
    tmp_path: Path, start: Start
) -> None:
    service = start(baked(tmp_path, inputs="note: string", outputs="score: float"))
    request, good = field(field(b"x" * LONG_TEXT)), field(field(b"short"))
    hold_to_limits(attacks.large_streams, service, request, good)


@pytest.mark.parametrize("size", [(7000, 7000), (4000, 3000)], ids=str)
def test_pixels_take_up_no_more_than_they_may(
    tmp_path: Path, start: Start, size: tuple[int, int]
) -> None:
    service = start(baked(tmp_path, inputs="photo: image", outputs="score: float"))
    request, good = (field(field(picture(*each))) for each in (size, (32, 32)))
    hold_to_limits(attacks.many_instances, service, request, good)


def picture(width: int, height: int) -> bytes:
    """Return a black picture as a PNG file."""
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    "attack", [attacks.unread_answers, attacks.overrun_connections], ids=lambda each: each.__name__
)
def test_answers_that_nobody_reads_are_bounded(
    tmp_path: Path, start: Start, attack: Attack
) -> None:
    # Of bools, as many calls fit into what a server takes at first of a connection.
    wide = baked(tmp_path, inputs="flag: bool", outputs="scores: float[1000]")
    request, good = field(field(b"\1" * UNREAD_ROWS)), field(b"\x08\1")
    hold_to_limits(attack, start(wide), request, good)
