"""The server's settings, from environment variables that begin with SERVER_."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """How the server runs. ``SERVER_PORT=8080`` sets ``port``."""

    model_config = SettingsConfigDict(env_prefix="SERVER_")

    host: str = Field(default="0.0.0.0", description="Address to listen on.")
    port: int = Field(default=50051, ge=0, le=65535, description="Port; 0 picks a free one.")
    max_message_bytes: int = Field(
        default=64 * 1024 * 1024, ge=1024, description="Largest request or response, in bytes."
    )
    max_batch_size: int = Field(default=256, ge=1, description="Most instances in a batch.")
    grace_seconds: float = Field(
        default=20.0, ge=0, description="Longest that calls may take to end when the server stops."
    )
    reflection: bool = Field(default=True, description="Whether clients can ask for the schema.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severe log messages to write."
    )
