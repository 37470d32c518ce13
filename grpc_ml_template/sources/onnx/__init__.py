"""Reads models in the ONNX format."""
