"""The settings, from environment variables, and what they may be."""

import pytest
from engine.settings import Settings
from pydantic import ValidationError


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_PORT", "8080")
    monkeypatch.setenv("SERVER_REFLECTION", "false")
    settings = Settings()
    assert (settings.port, settings.reflection) == (8080, False)
    assert Settings(port=1).port == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("TRANSPORT", "http"),
        ("WORKERS", "-1"),
        ("WORKERS", "1025"),
        ("WARM_UP", "yes"),
        ("MODEL_TIMEOUT_SECONDS", "0"),
        ("MODEL_TIMEOUT_SECONDS", "inf"),
        ("MAX_MESSAGE_BYTES", "1023"),
        ("MAX_BATCH_SIZE", "0"),
        ("MAX_BATCHES", "1025"),
        ("MAX_WAIT_SECONDS", "nan"),
        ("MAX_QUEUE_CALLS", "0"),
        ("MAX_IN_FLIGHT_BYTES", "2e20"),
        ("GRACE_SECONDS", "inf"),
        ("GRACE_SECONDS", "-1"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"SERVER_{name}", value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    [error] = caught.value.errors()
    assert error["loc"] == (name.lower(),)


def test_every_setting_says_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name


@pytest.mark.parametrize(
    ("given", "rows"),
    [
        ({}, 16384),
        ({"max_batch_size": 32}, 32),
        ({"max_batch_size": 20_000}, 20_000),
        ({"max_slice_size": 1000}, 1000),
        ({"max_slice_size": 10}, 256),
        ({"max_batch_size": 32, "max_slice_size": 1000}, 1000),
    ],
)
def test_who_sets_how_many_rows_the_model_takes_is_not_overruled(
    given: dict[str, int], rows: int
) -> None:
    assert Settings.model_validate(given).slice_rows == rows
