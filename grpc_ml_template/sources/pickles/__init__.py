"""Reads pickles and what is like them, with stand-ins for all that they would import."""
