"""What readers of models of tables have in common."""

# What makes the frames that models, or their libraries, are asked with.
PANDAS = "pandas>=2"
# How many of the values are kept that a model was trained with, and takes others beside.
MOST_KNOWN = 50
MOST_INT64 = 2**63 - 1
