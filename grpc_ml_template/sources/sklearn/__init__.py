"""Reads estimators of scikit-learn."""
