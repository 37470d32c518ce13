{% set m = s.torch %}
"""The model. This is the file to edit; nothing in it knows of gRPC."""

{{ m.imports }}

{{ m.path_line("MODEL_FILE") }}
GOLDEN_FILE = Path(__file__).with_name("golden.json")
# How the model takes many instances; `{{ s.slug }} probe` finds out.
TAKES = {{ m.takes }}


class Model:
    """The model in {{ s.source.origin | docstring }}, run by PyTorch.

    Attributes:
        version: Identifies the trained model: the start of its checksum. Sent with every prediction.
        runtime: What runs it, with version.
    """

    def __init__(self) -> None:
        """Load the model, once."""
        # Calls share the cores best with a thread each. A large model that is asked by few callers
        # answers sooner with more of them.
        torch.set_num_threads(1)
{% if m.facts.loader == "export" %}
        self._model = torch.export.load(MODEL_FILE).module()
{% else %}
        model = torch.jit.load(MODEL_FILE, map_location="cpu")  # type: ignore[no-untyped-call]
        self._model = model.eval()
{% endif %}
        self.version = version_of({{ m.version_path }})
        self.runtime = f"torch {torch.__version__}"

    def example(self) -> Inputs:
        """Return a batch of one, for the warm-up."""
        batch: Inputs = example(SCHEMA, GOLDEN_FILE)
        return batch

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
