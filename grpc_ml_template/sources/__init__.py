"""Trained models and samples of inputs, read into what a project needs to know of them."""
