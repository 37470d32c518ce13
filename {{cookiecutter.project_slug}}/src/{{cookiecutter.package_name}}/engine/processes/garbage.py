"""Spares the garbage collector work that frees nothing."""

import gc

# How many objects the calls in flight may add up to before it looks for cycles among them.
YOUNG = 10_000


def freeze() -> None:
    """Free what is in cycles, and never look again through what is still there.

    That is what stays: the libraries, the model, the server.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
