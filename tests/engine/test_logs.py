"""What becomes of log messages."""

import logging
import os
import time

import pytest
from engine.processes import logs
from engine.settings import Settings

PIPE = 64 * 1024


def message(text: str) -> logging.LogRecord:
    """Return a record with a text."""
    return logging.LogRecord("test", logging.ERROR, __file__, 1, text, None, None)


def read_until(file: int, words: str) -> str:
    """Return what a pipe holds, up to some words."""
    text = ""
    while words not in text:
        text += os.read(file, PIPE).decode()
    return text


def test_a_log_that_nobody_reads_holds_nothing_up_and_tells_what_was_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader, pipe = os.pipe()
    monkeypatch.setattr(logs, "STDERR", pipe)
    writer = logs.Writer()
    begin = time.monotonic()
    for number in range(5000):
        writer.emit(message(f"{number} {'x' * 1000}"))
    writer.flush()
    assert time.monotonic() - begin < 10
    text = read_until(reader, "\n999 x")  # By then there is room.
    writer.emit(message("after"))
    text += read_until(reader, "after\n")
    writer.flush()
    os.close(reader)
    os.close(pipe)
    assert text.startswith("0 x")
    assert text.endswith(" messages are lost here, since nobody read the log\nafter\n")


def test_a_message_of_ten_megabytes_is_cut() -> None:
    text = logs.shortened("begin" + "A" * 10_000_000 + "end")
    assert len(text) < 40_000
    assert text.startswith("begin")
    assert text.endswith("end")
    assert "characters are left out" in text


class ExecuteBatchError(Exception):
    """Stands in for grpcio's error of that name, which it has no public name for."""


@pytest.mark.parametrize(("error", "is_told"), [(ExecuteBatchError(), False), (OSError(), True)])
def test_that_a_caller_has_gone_is_no_news(
    monkeypatch: pytest.MonkeyPatch, error: Exception, is_told: bool
) -> None:
    reader, pipe = os.pipe()
    monkeypatch.setattr(logs, "STDERR", pipe)
    monkeypatch.setattr(logging.root, "handlers", [])
    logs.configure(Settings())
    logger = logging.getLogger(logs.GRPCIO)
    monkeypatch.setattr(logger, "disabled", False)
    logger.error("raised in core", exc_info=error)
    logger.error("the end")
    text = read_until(reader, "the end\n")
    for handler in logging.root.handlers:
        handler.flush()
    os.close(reader)
    os.close(pipe)
    assert ("raised in core" in text) is is_told


def test_the_core_of_grpc_writes_no_log_of_its_own_unless_it_is_asked_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)
    for before, after in ((None, "NONE"), ("ERROR", "ERROR")):
        monkeypatch.setenv("GRPC_VERBOSITY", before or "")
        if before is None:
            monkeypatch.delenv("GRPC_VERBOSITY")
        logs.configure(Settings())
        assert os.environ["GRPC_VERBOSITY"] == after
