{% if facts.loader == "joblib" %}
        self._model = joblib.load(MODEL_FILE)
{% elif facts.loader == "pickle" %}
        with MODEL_FILE.open("rb") as file:
            self._model = pickle.load(file)
{% else %}
        self._model = skops.io.load(MODEL_FILE, trusted={{ "TRUSTED" if m.has_trusted else "[]" }})
{% endif %}
