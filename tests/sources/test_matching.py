"""What is typed for a field of a model is refused where the model has something else."""

import pytest
from recorded import model_of

from grpc_ml_template.language.errors import AnswerError
from grpc_ml_template.project.sourcing import completed


def answered(model: str, side: str, typed: str) -> str:
    """Return the schema that comes of an answer beside a source."""
    return completed(str(model_of(model)), side, typed, "")


@pytest.mark.parametrize(
    ("model", "side", "typed", "told"),
    [
        (
            "onnx_columns",
            "inputs",
            "age: float[2]",
            "float[2] is not what the model has there, float",
        ),
        ("onnx_columns", "inputs", "age: string", "string is not what the model has there, float"),
        ("onnx_columns", "inputs", "city: int32", "int32 is not what the model has there, string"),
        (
            "onnx_external",
            "inputs",
            "x: float[3]",
            "float[3] is not what the model has there, float[4]",
        ),
        (
            "onnx_external",
            "inputs",
            "x: image[2,2,3]",
            "image[2,2,3] is not what the model has there",
        ),
        ("onnx_external", "outputs", "y: int32[3]", "int32[3] is not what the model has there"),
        ("onnx_columns", "outputs", "label: enum(yes)", 'the model predicts "no" too'),
        (
            "onnx_columns",
            "outputs",
            "label: enum(yes, no, maybe)",
            'probabilities has no number for "maybe"',
        ),
        (
            "onnx_columns",
            "inputs",
            'age as "Age (years)": float',
            'the model calls it "age", not "Age (years)"; leave the alias out',
        ),
        ("onnx_columns", "inputs", "height: float", 'the model has no input "height"'),
        ("torch_script", "inputs", "from the source", "the file tells no type and shape of"),
    ],
)
def test_another_type_than_the_models_is_refused(
    model: str, side: str, typed: str, told: str
) -> None:
    with pytest.raises(AnswerError) as caught:
        answered(model, side, typed)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "side", "typed"),
    [
        ("onnx_columns", "inputs", "age: int32 0..120"),
        ("onnx_columns", "inputs", "city: enum(Berlin, Paris)"),
        ("onnx_external", "inputs", "x: double[?]"),
        ("onnx_external", "outputs", "y: float[1,3]"),
        ("onnx_columns", "outputs", "label: enum(no, yes)"),
        ("onnx_columns", "outputs", "label: enum(yes, no, maybe), probabilities: float[2]"),
        ("onnx_columns", "outputs", "label: string, probabilities: float[2]"),
    ],
)
def test_what_the_model_can_be_given_is_taken(model: str, side: str, typed: str) -> None:
    first = typed.split(", prob")[0]
    assert first in answered(model, side, typed).replace("\n", ", ")
