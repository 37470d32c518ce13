"""How log messages look."""

import logging

from .settings import Settings


def configure(settings: Settings) -> None:
    """Write log messages to stderr, from the level that the settings ask for."""
    logging.basicConfig(
        level=settings.log_level,
        format="%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s",
    )
