"""What is wrong is told by one rule, wherever it is found."""

import pytest
from engine.fields.violations import InvalidError, Violation, raise_faults


def test_a_violation_has_the_path_of_its_field() -> None:
    assert Violation("x[1]", "required").within("instances") == ("instances.x[1]", "required")
    assert Violation("", "at least one row is required").within("instances") == (
        "instances",
        "at least one row is required",
    )


def test_violations_are_told_on_one_line() -> None:
    error = InvalidError([Violation("x", "required"), Violation("", "2 more are left out")])
    assert str(error) == "x: required; 2 more are left out"
    assert error.violations == (("x", "required"), ("", "2 more are left out"))


def test_faults_of_rows_are_raised_if_there_are_any() -> None:
    raise_faults("x", [])
    with pytest.raises(InvalidError, match=r"x\[0\]: required; x\[2\]: 9 is above 1"):
        raise_faults("x", [(0, "required"), (2, "9 is above 1")])
