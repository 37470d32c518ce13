{% if m.facts.loader == "export" %}
        self._model = torch.export.load(MODEL_FILE).module()
{% else %}
        model = torch.jit.load(MODEL_FILE, map_location="cpu")  # type: ignore[no-untyped-call]
        self._model = model.eval()
{% endif %}
