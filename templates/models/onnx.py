{% set m = s.model %}
"""The model. This is the file to edit; nothing in it knows of gRPC."""

{{ m.imports }}

{{ m.path_line("MODEL_FILE") }}
GOLDEN_FILE = Path(__file__).with_name("golden.json")
{% include "parts/takes.py" %}
{% if m.orders %}
# The labels in the model's own order.
{% for order in m.orders %}
{{ order }}
{% endfor %}
{% endif %}


class Model:
{% set runner = "ONNX Runtime" %}
{% include "parts/about_model.py" %}

    def __init__(self) -> None:
        """Load the model, once."""
        options = onnxruntime.SessionOptions()
        # Calls share the cores best with a thread each. A large model that is asked by few callers
        # answers sooner with all of them: 0.
        options.intra_op_num_threads = 1
{% if m.facts.locale %}
        # Its own locale is not installed everywhere.
        model = with_locale(MODEL_FILE.read_bytes(), "C.UTF-8")
        self._session = onnxruntime.InferenceSession(model, options)
{% else %}
        self._session = onnxruntime.InferenceSession(MODEL_FILE, options)
{% endif %}
        self.version = version_of({{ m.version_path }})
        self.runtime = f"onnxruntime {onnxruntime.__version__}"

{% include "parts/example.py" %}

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch of n instances."""
        answers = {{ m.takes_call }}
{{ m.returned }}

    def _ask(self, columns: takes.Columns) -> list[Any]:
        """Ask about instances that travel together: row i of each column is of instance i."""
{{ m.feeds }}
        answers: list[Any] = self._session.run(None, feeds)
{{ m.asked }}
