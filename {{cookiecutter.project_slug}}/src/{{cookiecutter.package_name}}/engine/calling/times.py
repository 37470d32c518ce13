"""How long a call may take."""

# gRPC takes what is far longer for a time that is over.
LONGEST_SECONDS = 365 * 24 * 60 * 60.0


def seconds_of(timeout: float) -> float:
    """Return a timeout as gRPC takes it.

    Raises:
        ValueError: If it is no time.
    """
    if not timeout > 0:
        raise ValueError(f"timeout: expected more than 0 seconds, got {timeout:g}")
    return min(timeout, LONGEST_SECONDS)
