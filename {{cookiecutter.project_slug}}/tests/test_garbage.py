{% set s = service(cookiecutter) %}
"""What the garbage collector does in a server."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from {{ s.package }} import garbage


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
