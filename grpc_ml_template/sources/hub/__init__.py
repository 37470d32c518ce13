"""Reads folders of a tokenizer and an ONNX file."""
