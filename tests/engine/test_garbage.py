"""What the garbage collector does in a server."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from engine.processes import garbage


class Cycle:
    """Frees itself only with the collector's help."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def other_tests_as_ever() -> Iterator[None]:
    """Undo what freezing does."""
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


def test_a_model_that_was_replaced_is_freed_at_the_next_freeze() -> None:
    old = weakref.ref(Cycle())
    new = Cycle()
    garbage.freeze()
    assert old() is None
    old = weakref.ref(new)
    del new
    gc.collect()
    assert old()
    garbage.freeze()
    assert old() is None


def test_objects_of_calls_in_flight_do_not_start_the_collector() -> None:
    rounds: list[str] = []

    def note(phase: str, info: dict[str, int]) -> None:
        rounds.append(phase)

    garbage.freeze()
    gc.callbacks.append(note)
    try:
        in_flight: list[object] = [[] for _ in range(5000)]
    finally:
        gc.callbacks.remove(note)
    assert len(in_flight) == 5000
    assert rounds == []
