"""The server's settings, from environment variables that begin with SERVER_."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

# What the libraries below can count; more of anything is a mistake.
LARGEST = 2**31 - 1
# Larger than the memory of any machine.
MOST_BYTES = 2**50
# A worker is a process with a model of its own, and each batch at once has a thread.
MOST_WORKERS = MOST_BATCHES = 1024
A_DAY = 24 * 60 * 60.0

Count = Annotated[int, Field(ge=1, le=LARGEST)]
Seconds = Annotated[float, Field(ge=0, le=A_DAY)]


class Settings(BaseSettings):
    """How the server runs. ``SERVER_PORT=8080`` sets ``port``."""

    model_config = SettingsConfigDict(env_prefix="SERVER_")

    host: str = Field(default="0.0.0.0", min_length=1, description="Address to listen on.")
    port: int = Field(default=50051, ge=0, le=65535, description="Port; 0 picks a free one.")
    transport: Literal["auto", "native", "grpcio", "asyncio"] = Field(
        default="auto",
        description="What carries gRPC; auto is native where it is installed, or else grpcio. "
        "asyncio is grpcio's own server for asyncio, which is slower.",
    )
    workers: int = Field(
        default=1,
        ge=0,
        le=MOST_WORKERS,
        description="How many processes share the port; 0 serves without any more.",
    )
    warm_up: Literal["require", "try", "skip"] = Field(
        default="require", description="Whether a model that fails on one row is not served."
    )
    model_path: str | None = Field(
        default=None, description="Where the model's file is, if it does not come with the package."
    )
    model_timeout_seconds: float = Field(
        default=60.0,
        ge=1,
        le=A_DAY,
        description="Longest that a batch, or silence of a worker, may last.",
    )
    max_message_bytes: int = Field(
        default=64 * 1024 * 1024,
        ge=1024,
        le=LARGEST,
        description="Largest request or response, in bytes.",
    )
    max_batch_size: Count = Field(
        default=256, description="Most instances in a batch, but for those of one BatchPredict."
    )
    max_slice_size: Count = Field(
        default=16384,
        description="Most rows of a BatchPredict in a batch, of a model that takes about a "
        "millisecond for them; if only SERVER_MAX_BATCH_SIZE is set, no more than that.",
    )
    max_batches: int = Field(
        default=1, ge=1, le=MOST_BATCHES, description="How many batches run at once."
    )
    max_wait_seconds: Seconds = Field(
        default=0.0, description="How long a call waits for company when the model is idle."
    )
    max_queue_calls: Count = Field(default=4096, description="Most calls that wait.")
    max_in_flight_bytes: int = Field(
        default=192 * 1024 * 1024,
        ge=1024,
        le=MOST_BYTES,
        description="Most bytes of memory for calls that wait, run, or are not yet sent.",
    )
    grace_seconds: Seconds = Field(
        default=20.0, description="Longest that calls may take to end when the server stops."
    )
    reflection: bool = Field(default=True, description="Whether clients can ask for the schema.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severe log messages to write."
    )

    @property
    def slice_rows(self) -> int:
        """Most rows of a BatchPredict in a batch."""
        are_set = self.model_fields_set & {"max_batch_size", "max_slice_size"}
        if are_set == {"max_batch_size"}:
            return self.max_batch_size
        return max(self.max_slice_size, self.max_batch_size)
