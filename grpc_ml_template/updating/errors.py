"""The one error of an update, told in one line before anything is written."""


class UpdateError(Exception):
    """Why a project is not updated, and what to do about it."""
