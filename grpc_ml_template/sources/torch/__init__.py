"""Reads programs of PyTorch."""
