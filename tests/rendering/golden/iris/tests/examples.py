"""Two instances that the tests ask about.

Rows of your own may take their place, with a value for every field, also for those with a default.
"""

from iris_classifier.schema import Instance

INSTANCE: Instance = {
    "sepal_length": 5.1,
    "sepal_width": 3.5,
    "petal_length": 1.4,
    "petal_width": 0.2,
}
OTHER: Instance = {
    "sepal_length": 7.0,
    "sepal_width": 3.2,
    "petal_length": 4.7,
    "petal_width": 1.4,
}

# The same as columns.
COLUMNS = {name: [INSTANCE.get(name), OTHER.get(name)] for name in INSTANCE}
