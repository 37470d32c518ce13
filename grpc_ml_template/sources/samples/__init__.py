"""Reads samples of inputs, and schemas of other languages."""
