"""What pickles hold that is no model of scikit-learn, and what to do with it instead."""

from ...language.errors import quoted, shown
from ..common.opening import SourceError
from ..pickles.inert import Made, Name, class_of, state_of
from .kinds import STATELESS, inner, is_own, kind_of, steps_of

ALONE = 'save the fitted estimator itself, with joblib.dump(model, "model.joblib")'
# By how the names of their classes begin.
FIXES = {
    "lightgbm.basic.": 'save it with model.save_model("model.txt")',
    "lightgbm.": 'save it with model.booster_.save_model("model.txt")',
    "xgboost.": 'save it with model.save_model("model.ubj")',
    "catboost.": 'save it with model.save_model("model.cbm")',
    "torch.": 'save it with torch.export.save(torch.export.export(model, args), "model.pt2")',
    "keras.": 'save it with model.save("model.keras")',
    "tensorflow.": 'save it with model.save("model.keras")',
    "onnx.": 'save it with onnx.save(model, "model.onnx")',
    "pandas.": 'save a sample with frame.to_parquet("sample.parquet")',
    "numpy.": 'save a sample with numpy.save("sample.npy", array)',
}


def require_estimator(root: object) -> None:
    """Refuse what is no model of scikit-learn, and no pipeline that is built like one."""
    if isinstance(root, Name):
        raise SourceError(f"it holds {shown(root.text)}, a class or a function", ALONE)
    if is_own(root) or steps_of(root):
        return
    if isinstance(root, dict | list | tuple):
        raise _container(root)
    name = class_of(root)
    for start, fix in FIXES.items():
        if name.startswith(start):
            raise SourceError(f"it holds a {shown(name)}, not a model of scikit-learn", fix)
    raise SourceError(f"it holds a {shown(name)}, not a model of scikit-learn", ALONE)


def _container(root: dict[str, object] | list[object] | tuple[object, ...]) -> SourceError:
    kind = class_of(root)
    places = list(root.items() if isinstance(root, dict) else enumerate(root))
    models = [(place, value) for place, value in places if is_own(value) or steps_of(value)]
    if any(class_of(value).startswith("torch.") for _, value in places):
        return SourceError(f"it holds a {kind} of tensors, not a model", FIXES["torch."])
    if len(models) != 1:
        return SourceError(f"it holds a {kind} with {len(models)} models in it", ALONE)
    place, model = models[0]
    key = quoted(place) if isinstance(place, str) else str(place)
    return SourceError(
        f"it holds a {kind} with a {shown(kind_of(model))} in it, not the model alone",
        f'save that alone, with joblib.dump(saved[{key}], "model.joblib")',
    )


def require_fitted(model: object) -> None:
    """Refuse a model that was never fitted, which has no attribute that fitting gives."""
    last: object | None = model
    for _ in range(20):
        below = inner(last)
        if below is None:
            break
        last = below
    learnt = [name for name in state_of(last) if name.endswith("_") and not name.startswith("__")]
    if isinstance(last, Made) and is_own(last) and kind_of(last) not in STATELESS and not learnt:
        raise SourceError(
            f"the {kind_of(last)} was never fitted", "call its fit, and save it again"
        )
