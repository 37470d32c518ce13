"""Calls into batches."""
