"""Makes the models of PyTorch of the zoo.

PYTHONPATH=tests/helpers uv run --no-project \\
    --with torch==2.13.0 --with numpy --with pandas \\
    python -m zoo.make_torch FOLDER
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.export import Dim
from zoo.booster_data import plain

MADE_BY = f"torch {torch.__version__}"
ROWS = 6


class Scores(nn.Module):
    """Shares of three classes."""

    def __init__(self) -> None:
        """Draw weights."""
        super().__init__()
        self.linear = nn.Linear(4, 3)

    def forward(self, features: Tensor) -> Tensor:
        """Answer."""
        return torch.softmax(self.linear(features), -1)


class Nested(nn.Module):
    """Tensors in a dict and in a tuple, tokens of any number, and a constant."""

    def __init__(self) -> None:
        """Draw weights."""
        super().__init__()
        self.embedding = nn.Embedding(10, 4)

    def forward(self, words: dict[str, Tensor], pair: tuple[Tensor, Tensor], power: int) -> Any:
        """Answer."""
        known = self.embedding(words["tokens"]) * words["mask"][..., None]
        first = pair[0] * known.mean(1)
        return {"first": first, "more": (first.argmax(-1), [pair[1] ** power]), "power": power}


class Half(nn.Module):
    """One value an instance, of a type that NumPy does not have."""

    def forward(self, value: Tensor) -> Tensor:
        """Answer."""
        return value * 3


class Picture(nn.Module):
    """A convolution of one picture."""

    def __init__(self) -> None:
        """Draw weights."""
        super().__init__()
        self.convolution = nn.Conv2d(1, 2, 3)

    def forward(self, picture: Tensor) -> Tensor:
        """Answer."""
        return self.convolution(picture).mean((2, 3))


class State(nn.Module):
    """A state that lies along the second axis, and a rate for all instances."""

    def __init__(self) -> None:
        """Draw weights."""
        super().__init__()
        self.cell = nn.GRU(2, 3, batch_first=True)

    def forward(self, sound: Tensor, state: Tensor, rate: Tensor) -> tuple[Tensor, Tensor]:
        """Answer."""
        last, state = self.cell(sound * rate, state)
        return last[:, -1], state


class Whole(nn.Module):
    """A matrix that has no place for more instances."""

    def forward(self, matrix: Tensor) -> tuple[Tensor, Tensor]:
        """Answer."""
        return matrix.sum(), matrix @ matrix.T


def exported(model: nn.Module, arguments: tuple[Any, ...], shapes: Any) -> Any:
    """A program, without what it says of the machine that made it."""
    program = torch.export.export(model.eval(), arguments, dynamic_shapes=shapes)
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)
    return program


def save(
    folder: Path,
    name: str,
    model: Any,
    rows: Sequence[Mapping[str, Any]],
    answer: Callable[..., Mapping[str, Any]],
    **schema: str,
) -> None:
    """Save a model with its answers to rows, and what has to be answered of its schema."""
    place = folder / f"torch_{name}"
    place.mkdir(parents=True, exist_ok=True)
    if schema:
        torch.jit.save(model, str(place / "model.pt"))
    else:
        torch.export.save(model, str(place / "model.pt2"))
    with torch.inference_mode():
        answers = [answer(**row) for row in rows]
    content = {
        "made_by": MADE_BY,
        **({"schema": schema} if schema else {}),
        "rows": [{key: flat(value) for key, value in row.items()} for row in rows],
        "answers": [{key: flat(value) for key, value in row.items()} for row in answers],
    }
    text = json.dumps(content, indent=1)
    (place / "answers.json").write_text(f"{text}\n", encoding="utf-8")


def flat(value: Any) -> Any:
    """A tensor as JSON has it."""
    is_half = isinstance(value, Tensor) and value.dtype == torch.bfloat16
    array = np.asarray(value.float() if is_half else value)
    return plain(array if array.ndim else array[()])


def save_scores(folder: Path) -> None:
    """A batch of at most four, and the same in TorchScript."""
    scores = Scores()
    rows = [{"features": torch.randn(4)} for _ in range(ROWS)]

    def answer(features: Tensor) -> dict[str, Tensor]:
        return {"output": scores(features[None])[0]}

    few = Dim("batch", max=4)
    program = exported(scores, (torch.randn(2, 4),), {"features": {0: few}})
    save(folder, "batch", program, rows, answer)
    types = {"inputs": "features: float[4]", "outputs": "output: float[3]"}
    save(folder, "script", torch.jit.script(scores), rows, answer, **types)


def save_nested(folder: Path) -> None:
    """Tensors in containers, of which two have any length up to 16."""
    nested = Nested()
    words = {"tokens": torch.ones(2, 5, dtype=torch.long), "mask": torch.ones(2, 5).bool()}
    pair = (torch.randn(2, 4), torch.randn(2))
    sizes = {0: Dim("batch"), 1: Dim("length", max=16)}
    first = {0: sizes[0]}
    shapes = {"words": {"tokens": sizes, "mask": sizes}, "pair": (first, first), "power": None}
    program = exported(nested, (words, pair, 2), shapes)
    rows = [
        {
            "words_tokens": torch.randint(0, 10, (size,)),
            "words_mask": torch.rand(size) > 0.3,
            "pair_0": torch.randn(4),
            "pair_1": torch.randn(()),
        }
        for size in (5, 5, 5, 3, 8, 5)
    ]

    def answer(
        words_tokens: Tensor, words_mask: Tensor, pair_0: Tensor, pair_1: Tensor
    ) -> dict[str, Tensor]:
        known = {"tokens": words_tokens[None], "mask": words_mask[None]}
        found = nested(known, (pair_0[None], pair_1[None]), 2)
        best, [power] = found["more"]
        return {"first": found["first"][0], "more_0": best[0], "more_1_0": power[0]}

    save(folder, "nested", program, rows, answer)


def save_state(folder: Path) -> None:
    """Instances along the second axis, and a value that all of them share."""
    state = State()
    example = (torch.randn(2, 4, 2), torch.randn(1, 2, 3), torch.tensor(2.0))
    batch = Dim("batch")
    program = exported(state, example, {"sound": {0: batch}, "state": {1: batch}, "rate": None})
    rows = [
        {"sound": torch.randn(4, 2), "state": torch.randn(1, 3), "rate": torch.tensor(each % 2.0)}
        for each in range(ROWS)
    ]
    cell = state

    def answer(sound: Tensor, state: Tensor, rate: Tensor) -> dict[str, Tensor]:
        last, after = cell(sound[None], state[:, None], rate)
        return {"output_0": last[0], "output_1": after[:, 0]}

    save(folder, "state", program, rows, answer)


def save_fixed(folder: Path) -> None:
    """One picture a call, one matrix a call, and a type that NumPy does not have."""
    of_one, whole, half = Picture(), Whole(), Half()
    program = exported(of_one, (torch.randn(1, 1, 4, 4),), None)
    rows = [{"picture": torch.randn(1, 4, 4)} for _ in range(ROWS)]
    save(folder, "picture", program, rows, lambda picture: {"output": of_one(picture[None])[0]})

    program = exported(whole, (torch.randn(3, 2),), None)
    rows = [{"matrix": torch.randn(3, 2)} for _ in range(ROWS)]
    save(folder, "whole", program, rows, lambda matrix: named(whole(matrix)))

    program = exported(half, (torch.randn(2, 1).bfloat16(),), {"value": {0: Dim.AUTO}})
    rows = [{"value": torch.randn(()).bfloat16()} for _ in range(ROWS)]
    save(folder, "half", program, rows, lambda value: {"output": half(value)})


def named(found: Sequence[Tensor]) -> dict[str, Tensor]:
    """Several outputs by their names."""
    return {f"output_{place}": value for place, value in enumerate(found)}


def main(folder: Path) -> None:
    """Export and save all of them."""
    torch.manual_seed(5)
    save_scores(folder)
    save_nested(folder)
    save_state(folder)
    save_fixed(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
