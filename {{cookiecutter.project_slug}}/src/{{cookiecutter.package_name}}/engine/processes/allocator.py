"""Sees to it that memory goes back to the system: that of the C library's allocator.

NumPy, protobuf and gRPC use it. glibc keeps apart what each of gRPC's threads has freed, raises the
size from which pieces go back to that of the largest one that was freed, and keeps what lies
between pieces that are in use. So what large calls have taken may stay with the process for good.
"""

import asyncio
import contextlib
import ctypes

from ..batching.threads import run_aside

# Size from which pieces go back. Lower, and more does; higher, and less time goes into fresh pages.
LARGE_BYTES = 8 * 1024 * 1024
# What may lie idle at the end of the memory before it goes back.
SPARE_BYTES = 64 * 1024 * 1024
# Most places where threads keep what they have freed. More, and threads wait less for each other;
# fewer, and less memory lies idle.
ARENAS = 2
# What may lie idle, and how often it is looked at. Less, and more often, and more time goes into
# giving back what will soon be needed again.
MOST_IDLE_BYTES = 32 * 1024 * 1024
LOOK_SECONDS = 0.5

# The settings for a process that is started; those that its user has set come first.
ENVIRONMENT = {
    "MALLOC_MMAP_THRESHOLD_": str(LARGE_BYTES),
    "MALLOC_TRIM_THRESHOLD_": str(SPARE_BYTES),
    "MALLOC_ARENA_MAX": str(ARENAS),
}
# glibc's numbers for them.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8


class Mallinfo(ctypes.Structure):
    """What glibc tells of its memory: https://man7.org/linux/man-pages/man3/mallinfo.3.html."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


async def keep_little() -> None:
    """Give back what lies idle, again and again; does nothing with another C library."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # Windows has none of this.
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        library.mallopt(M_TRIM_THRESHOLD, SPARE_BYTES)
        library.mallopt(M_ARENA_MAX, ARENAS)
        library.mallinfo2.restype = Mallinfo
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if library.mallinfo2().fordblks > MOST_IDLE_BYTES:
                await run_aside(lambda: library.malloc_trim(0))
