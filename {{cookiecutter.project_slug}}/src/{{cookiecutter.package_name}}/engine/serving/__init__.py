"""The server of one model."""
