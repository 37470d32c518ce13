"""Outputs whose shapes the file of a model has wrong, and the user right."""

from pathlib import Path

from baking import TEMPLATE, bake

FIXED = TEMPLATE / "tests" / "sources" / "models" / "onnx_iris_fixed" / "model.onnx"


def pages(folder: Path, outputs: str) -> tuple[str, str]:
    """Return model.py and library.py of a project whose schema has these outputs."""
    project = bake(folder, source=str(FIXED), outputs=outputs)
    [service] = project.glob("src/*/service.py")
    return service.with_name("model.py").read_text(), service.with_name("library.py").read_text()


def test_an_output_with_more_axes_than_the_file_says_is_the_answer_to_one_instance(
    tmp_path: Path,
) -> None:
    model, library = pages(tmp_path, "probabilities: float[1, 3]")
    assert "np.asarray(answers[1])[np.newaxis]" in model
    assert '"probabilities": answers[1]}' in library


def test_an_output_with_the_axes_that_the_file_says_loses_the_leading_one(tmp_path: Path) -> None:
    _, library = pages(tmp_path, "probabilities: float[3]")
    assert '"probabilities": answers[1][0]}' in library
