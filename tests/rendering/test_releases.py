"""Releases are kept as bundles, so that updates from them can be tested."""

import sys
import tomllib
from pathlib import Path

import pytest
from baking import TEMPLATE, compile_stubs, run, write_config

BUNDLES = sorted((TEMPLATE / "tests" / "releases").glob("*.bundle"))


def test_this_version_has_a_bundle() -> None:
    project = tomllib.loads((TEMPLATE / "pyproject.toml").read_text())["project"]
    assert project["version"] in [bundle.stem for bundle in BUNDLES]


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda bundle: bundle.stem)
def test_a_bundle_bakes_a_project(tmp_path: Path, bundle: Path) -> None:
    clone = tmp_path / "template"
    run(
        "git",
        "clone",
        "--quiet",
        "--branch",
        f"v{bundle.stem}",
        str(bundle),
        str(clone),
        cwd=tmp_path,
    )
    # In a process of its own, which has not imported the code of this version.
    bake = (sys.executable, "-m", "cookiecutter", str(clone), "--no-input", "--accept-hooks", "no")
    config = ("--config-file", str(write_config(tmp_path)), "--output-dir", str(tmp_path))
    run(*bake, *config, "install=no", cwd=tmp_path)
    compile_stubs(tmp_path / "iris-classifier")
    assert [*(tmp_path / "iris-classifier").glob("src/*/v1/service_pb2.py")]
