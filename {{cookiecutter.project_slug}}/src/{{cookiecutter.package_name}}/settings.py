"""The server's settings, from environment variables that begin with SERVER_."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """How the server runs. ``SERVER_PORT=8080`` sets ``port``."""

    model_config = SettingsConfigDict(env_prefix="SERVER_")

    host: str = Field(default="0.0.0.0", description="Address to listen on.")
    port: int = Field(default=50051, ge=0, le=65535, description="Port; 0 picks a free one.")
    transport: Literal["auto", "native", "grpcio"] = Field(
        default="auto", description="What carries gRPC; auto is native where it is installed."
    )
    workers: int = Field(
        default=1, ge=0, description="How many processes share the port; 0 serves without any more."
    )
    warm_up: Literal["require", "try", "skip"] = Field(
        default="require", description="Whether a model that fails on one row is not served."
    )
    model_timeout_seconds: float = Field(
        default=60.0, ge=1, description="Longest that a batch, or silence of a worker, may last."
    )
    max_message_bytes: int = Field(
        default=64 * 1024 * 1024, ge=1024, description="Largest request or response, in bytes."
    )
    max_batch_size: int = Field(default=256, ge=1, description="Most instances in a batch.")
    max_batches: int = Field(default=1, ge=1, description="How many batches run at once.")
    max_wait_seconds: float = Field(
        default=0.0, ge=0, description="How long a call waits for company when the model is idle."
    )
    max_queue_calls: int = Field(default=4096, ge=1, description="Most calls that wait.")
    max_in_flight_bytes: int = Field(
        default=256 * 1024 * 1024,
        ge=1024,
        description="Most bytes of memory for calls that wait, run, or are not yet sent.",
    )
    grace_seconds: float = Field(
        default=20.0, ge=0, description="Longest that calls may take to end when the server stops."
    )
    reflection: bool = Field(default=True, description="Whether clients can ask for the schema.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severe log messages to write."
    )
