"""The models that are kept, beside what their own libraries have answered."""

import json

import pytest
from recorded import MODELS, NAMES, model_of

from grpc_ml_template.sources.reading import read


@pytest.mark.parametrize("name", NAMES)
def test_rows_and_answers_of_the_library_have_the_fields_of_the_signature(name: str) -> None:
    signature = read(model_of(name))
    answers = json.loads((MODELS / name / "answers.json").read_text("utf-8"))
    assert set(answers["rows"][0]) == {part.name for part in signature.inputs}
    assert set(answers["answers"][0]) == {part.name for part in signature.outputs}
