"""What readers of sources say of files that they cannot take."""

from collections.abc import Callable
from pathlib import Path

import pytest

from grpc_ml_template.sources.common.opening import SourceError


def fault_of(read: Callable[[Path], object], path: Path) -> str:
    """Return what is wrong with a source; empty if nothing is."""
    try:
        read(path)
    except SourceError as error:
        return str(error)
    return ""


def refusal(read: Callable[[Path], object], path: Path) -> str:
    """Return the line that says why a source is refused."""
    with pytest.raises(SourceError) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)
