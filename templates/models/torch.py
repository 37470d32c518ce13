{% set m = s.model %}
"""The model. This is the file to edit; nothing in it knows of gRPC."""

{{ m.imports }}

{{ m.path_line("MODEL_FILE") }}
GOLDEN_FILE = Path(__file__).with_name("golden.json")
{% include "parts/takes.py" %}


class Model:
{% set runner = "PyTorch" %}
{% include "parts/about_model.py" %}

    def __init__(self) -> None:
        """Load the model, once."""
        # Calls share the cores best with a thread each. A large model that is asked by few callers
        # answers sooner with more of them.
        torch.set_num_threads(1)
{% include "parts/load_torch.py" %}
        self.version = version_of({{ m.version_path }})
        self.runtime = f"torch {torch.__version__}"

{% include "parts/example.py" %}

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch of n instances."""
        answers = {{ m.takes_call }}
{{ m.returned }}

    def _ask(self, columns: takes.Columns) -> list[Any]:
        """Ask about instances that travel together: row i of each column is of instance i."""
        with torch.inference_mode():
{{ m.call }}
{{ m.arrays }}
{{ m.asked }}
