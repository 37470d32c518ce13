"""Sets up estimators, which have parameters and others in them, for serving."""

from typing import Any


def use_one_thread(estimator: Any) -> None:
    """Have an estimator, and all in it, start no threads of their own: a call has few rows."""
    parts = estimator.get_params(deep=True).values()
    fitted = [part for name, part in vars(estimator).items() if name.endswith("_")]
    for part in (estimator, *parts, *fitted):
        if hasattr(part, "n_jobs"):
            part.n_jobs = None
