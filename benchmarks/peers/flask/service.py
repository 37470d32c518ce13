"""Flask: the request is checked by hand, as Flask has no types for it."""

from bench_model import FEATURES, IrisModel
from flask import Flask, request

app = Flask(__name__)
model = IrisModel()


@app.post("/predict")
def predict() -> dict[str, object]:
    """Predict one instance."""
    instance = request.get_json()
    return model.predict_json([[float(instance[name]) for name in FEATURES]])[0]
