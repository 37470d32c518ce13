"""What has to be installed to load a model of scikit-learn, and what users should know of it."""

import re
import sys
from collections.abc import Sequence

from ...language.errors import shown
from ..common.tables import PANDAS
from ..pickles.inert import state_of
from .kinds import through

VERSION = re.compile(r"([0-9]+)\.([0-9]+)(\.[0-9]+)?((rc|a|b)[0-9]+)?")
# The first that runs with NumPy 2, and the first with wheels for Python 3.11.
FIRST_WITH_NUMPY_2 = (1, 5)
FIRST_WITH_WHEELS = (1, 2)
# Packages that others than scikit-learn's classes come from, by their modules.
PACKAGES = {
    "catboost": "catboost>=1.2",
    "category_encoders": "category-encoders>=2.6",
    "feature_engine": "feature-engine>=1.8",
    "imblearn": "imbalanced-learn>=0.12",
    "lightgbm": "lightgbm>=4",
    "pandas": PANDAS,
    "polars": "polars>=1",
    "skrub": "skrub>=0.4",
    "xgboost": "xgboost>=2",
}
# They come with scikit-learn.
WITHIN = {"sklearn", "numpy", "scipy", "joblib", "threadpoolctl", "_loss"}


def version_of(model: object) -> str:
    """The version of scikit-learn that saved a model; "" if the file does not say."""
    for each in through(model):
        version = state_of(each).get("_sklearn_version")
        if isinstance(version, str) and VERSION.fullmatch(version) and len(version) < 20:
            return version
    return ""


def packages_of(version: str, loader: str, takes: str, imports: Sequence[str]) -> tuple[str, ...]:
    """The requirements of a model."""
    found = [f"scikit-learn=={version}" if version else "scikit-learn"]
    if any(name.startswith("numpy._core.") for name in imports):
        found.append("numpy>=2")
    elif version and _release(version) < FIRST_WITH_NUMPY_2:
        found.append("numpy<2")
    if loader == "skops":
        found.append("skops>=0.16")
    modules = {name.partition(".")[0] for name in imports}
    modules |= {"pandas"} if takes == "frame" else set()
    return (*found, *(PACKAGES[module] for module in sorted(modules) if module in PACKAGES))


def notes_of(version: str, imports: Sequence[str]) -> tuple[str, ...]:
    """What users should know before they run a model."""
    notes = []
    if not version:
        notes.append("The file does not say which scikit-learn saved it, so none is pinned.")
    elif _release(version) < FIRST_WITH_WHEELS:
        notes.append(
            f"scikit-learn {version} has no wheels for the Python of the service: "
            "fit the model again with a newer one."
        )
    strange = sorted(_strange_modules(imports))
    if "__main__" in strange:
        names = [name for name in imports if name.startswith("__main__.")]
        notes.append(
            f"{shown(names[0])} was defined in a script or notebook, so it cannot be loaded: "
            "move it into a module and save the model again."
        )
    others = [module for module in strange if module != "__main__"]
    if others:
        notes.append(
            f"Loading it needs {shown(', '.join(others))}, which is not of scikit-learn: "
            "add the package that has it."
        )
    return tuple(notes)


def _strange_modules(imports: Sequence[str]) -> set[str]:
    modules = {name.partition(".")[0] for name in imports}
    known = WITHIN | set(PACKAGES) | (set(sys.stdlib_module_names) - {"__main__"})
    return modules - known


def _release(version: str) -> tuple[int, int]:
    found = VERSION.fullmatch(version)
    return (int(found[1]), int(found[2])) if found else (0, 0)
