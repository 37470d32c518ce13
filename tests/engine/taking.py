"""Takes calls as a transport does, and remembers how they have ended."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import grpc
from engine.batching.batcher import Limits
from engine.batching.budget import Budget
from engine.fields import Schema
from engine.serving.handlers import Handlers
from engine.serving.intake import Intake
from engine.serving.predictor import Predictor


class Front:
    """Stands in for the transport.

    Attributes:
        answers: What y is in the answers to calls.
        errors: How other calls have ended.
        calls: What answers those that have not.
        takes_together: Whether it takes answers at once.
        faulty: A call that it cannot answer.
    """

    takes_together = True
    faulty: int | None = None

    def __init__(self, parse: Any) -> None:
        self._parse = parse
        self.answers: dict[int, float] = {}
        self.errors: dict[int, tuple[grpc.StatusCode, str]] = {}
        self.calls: dict[int, Any] = {}

    def respond(self, call_id: int, data: bytes) -> None:
        """Take an answer, unless the call has been cancelled."""
        if call_id == self.faulty:
            raise OSError("the connection is gone")
        if call := self.calls.pop(call_id, None):
            assert call.peer_of(call_id) == f"peer {call_id}"
            self.answers[call_id] = self._parse(data).prediction.y

    def respond_all(self, call_ids: Sequence[int], answers: Sequence[bytes]) -> bool:
        """Take answers."""
        if not self.takes_together:
            return False
        for call_id, data in zip(call_ids, answers, strict=True):
            self.respond(call_id, data)
        return True

    def fail(self, call_id: int, code: grpc.StatusCode, details: str, trailing: Any) -> None:
        """Take an error, unless the call has been cancelled."""
        if self.calls.pop(call_id, None):
            self.errors[call_id] = (code, details)

    def note(self, call_id: int, call: Any) -> None:
        """Take note of what answers a call."""
        assert call_id not in self.calls
        self.calls[call_id] = call

    def note_all(self, call_ids: Iterable[int], call: Any) -> None:
        """Take note of what answers calls."""
        for call_id in call_ids:
            self.note(call_id, call)

    def cancel(self, call_id: int) -> None:
        """Cancel a call, unless it has ended."""
        if call := self.calls.pop(call_id, None):
            call.cancel(call_id)

    @property
    def ended(self) -> int:
        """How many calls have ended."""
        return len(self.answers) + len(self.errors)


@asynccontextmanager
async def taking(
    schema: Schema, model: Any, *, budget_bytes: int = 10**6, **limits: Any
) -> AsyncIterator[SimpleNamespace]:
    """Take calls for a model, which has go, an event that lets it answer."""
    pb: Any = schema.messages
    budget, front = Budget(budget_bytes), Front(pb.PredictResponse.FromString)
    handlers = Handlers(schema, Limits(**limits), budget, 10**6)
    handlers.use(Predictor(model, handlers.batches))
    gate = SimpleNamespace(error=None)

    def check_open() -> None:
        if gate.error:
            raise gate.error

    intake = Intake(check_open, pb.PredictRequest.FromString, handlers, None, 1000)
    yield SimpleNamespace(
        budget=budget, model=model, front=front, gate=gate, intake=intake, handlers=handlers
    )
    model.go.set()
    handlers.close()
