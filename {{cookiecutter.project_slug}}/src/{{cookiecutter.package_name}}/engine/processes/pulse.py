"""How a worker tells its supervisor that it is alive."""

import asyncio
import contextlib
import os

from .words import ALIVE, LOADING

# Beats in the model's timeout, and the longest time between two. More often costs a little time;
# less, and a hiccup of the machine looks like a worker that hangs.
BEATS = 5
LONGEST_SECONDS = 1.0


class Pulse:
    """Says words to the supervisor; one that does not listen never holds the worker up.

    A worker that is silent is killed, unless its last word was that it loads a model.

    Args:
        file: The file descriptor to write to.
        timeout: How many seconds of silence the supervisor allows.
    """

    def __init__(self, file: int, timeout: float) -> None:
        os.set_blocking(file, False)
        self._file = file
        self._timeout = timeout
        self._word = LOADING

    def say(self, word: bytes) -> None:
        """Say a word, unless the pipe is closed, or full of what nobody has read."""
        with contextlib.suppress(OSError):
            os.write(self._file, word)

    def loading(self, is_loading: bool) -> None:
        """Say whether a model is being loaded from now on."""
        self._word = LOADING if is_loading else ALIVE
        self.say(self._word)

    async def beat(self) -> None:
        """Say how things are, again and again."""
        while True:
            self.say(self._word)
            await asyncio.sleep(min(self._timeout / BEATS, LONGEST_SECONDS))
