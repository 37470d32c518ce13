"""Settings of the C library's allocator, which NumPy, protobuf and gRPC use."""

import contextlib
import ctypes

# glibc's number for the size from which memory comes from the system itself, and goes back to it.
M_MMAP_THRESHOLD = -3
# Lower, and more of what is freed goes back; higher, and less time goes into fresh pages.
LARGE_BYTES = 256 * 1024


def give_large_pieces_back() -> None:
    """Let large pieces of memory go back to the system when they are freed.

    glibc raises the size from which they do to that of the largest piece that was freed. From then
    on, what large calls have taken may stay with the process, in pieces that fit no other.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):  # Another C library.
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
