"""Reads folders of MLflow."""
