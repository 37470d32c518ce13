"""Reads models of scikit-learn, saved with joblib, pickle or skops."""

from pathlib import Path
from typing import Any

from ..common.opening import SourceError
from ..common.signature import ModelFile, Runtime, Signature
from ..pickles import pickles, skops
from .answers import read_answers
from .inputs import read_inputs, unused_columns
from .labels import MOST_TOLD, NO_TEXT
from .others import require_estimator, require_fitted
from .packages import notes_of, packages_of, version_of


def read_pickle(path: Path) -> Signature:
    """Read a model that was saved with joblib or pickle.

    Raises:
        SourceError: If it is none, or its inputs and outputs cannot be told.
    """
    loaded = pickles.load_inert(path)
    is_joblib = loaded.needs_joblib or path.suffix == ".joblib"
    loader, place = ("joblib", "model.joblib") if is_joblib else ("pickle", "model.pkl")
    facts = {"loader": loader, "trusted": []}
    return _signature(loaded.root, ModelFile(path, place), facts, loaded.names, True)


def read_skops(path: Path) -> Signature:
    """Read a model that was saved with skops.

    Raises:
        SourceError: If it is none, or its inputs and outputs cannot be told.
    """
    root, trusted, foreign = skops.load_inert(path)
    facts = {"loader": "skops", "trusted": trusted}
    return _signature(root, ModelFile(path, "model.skops"), facts, foreign, bool(foreign))


def _signature(
    root: object, file: ModelFile, facts: dict[str, Any], imports: list[str], needs_trust: bool
) -> Signature:
    require_estimator(root)
    try:
        require_fitted(root)
        inputs, takes, objects = read_inputs(root)
        answers = read_answers(root)
    except pickles.FAULTS:
        raise SourceError(
            "its attributes are not those that scikit-learn gives a model",
            "save the model again with a newer scikit-learn",
        ) from None
    gaps = [part.name for part in inputs if part.default == NO_TEXT]
    facts = {
        **facts,
        "takes": takes,
        "gaps": gaps,
        "objects": [*objects],
        "answers": [each.facts for each in answers],
    }
    version = version_of(root)
    runtime = Runtime(
        kind="sklearn",
        facts=facts,
        packages=packages_of(version, facts["loader"], takes, imports),
        files=(file,),
        imports=tuple(imports),
        needs_trust=needs_trust,
    )
    outputs = tuple(answer.part for answer in answers)
    notes = notes_of(version, imports)
    if takes == "frame" and (unused := unused_columns(root, inputs)):
        some = ", ".join(unused[:MOST_TOLD]) + (" and others" if len(unused) > MOST_TOLD else "")
        notes += (f"The model makes nothing of these columns, so they are no inputs: {some}.",)
    if inputs[0].dims == (None,):
        notes += ("The file does not say how many columns the model takes.",)
    return Signature(inputs, outputs, runtime, notes)
