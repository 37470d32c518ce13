"""Reads models of XGBoost, LightGBM and CatBoost."""
