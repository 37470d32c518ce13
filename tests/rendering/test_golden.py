"""What a bake writes is what is kept of it, so that a change of the template is seen whole."""

from difflib import unified_diff
from pathlib import Path

import pytest
from golden import ANSWERS, baked, kept

# Enough to see what it is about.
MOST_LINES = 60
RENEW = "Run `make golden` if it is meant, and commit what it writes."


def changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return what differs between two projects, file by file, as lines."""
    found: list[str] = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path, ""), after.get(path, "")
        if old != new or (path in before) != (path in after):
            where = (f"kept/{path}", f"baked/{path}")
            found += [path, *unified_diff(old.splitlines(), new.splitlines(), *where, lineterm="")]
    return found


@pytest.mark.parametrize("name", ANSWERS)
def test_a_bake_is_what_is_kept_of_it(tmp_path: Path, name: str) -> None:
    found = changes(kept(name), baked(name, tmp_path))
    if found:
        shown = "\n".join(found[:MOST_LINES])
        pytest.fail(f"the template bakes something else now. {RENEW}\n{shown}", pytrace=False)
