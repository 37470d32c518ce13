"""A project that is installed without extras is the client alone, and needs nothing else."""

import sys
from pathlib import Path

import pytest
from baking import bake, compile_stubs, run
from samples import SAMPLES

pytestmark = pytest.mark.slow

# Hides the packages that do not come with the dependencies of a project, and imports its client.
ALONE = """
import re, sys, tomllib
from importlib import metadata

todo = tomllib.loads(open("pyproject.toml").read())["project"]["dependencies"]
allowed = set()
while todo:
    name = re.match(r"[\\w.-]+", todo.pop())[0].lower().replace("_", "-")
    if name not in allowed:
        allowed.add(name)
        todo += [each for each in metadata.requires(name) or [] if "extra ==" not in each]
owners = metadata.packages_distributions()

class Hidden:
    def find_spec(self, name, path=None, target=None):
        found = {each.lower().replace("_", "-") for each in owners.get(name.partition(".")[0], ())}
        if found and not found & allowed:
            raise ModuleNotFoundError(f"{name} is hidden", name=name)

sys.meta_path.insert(0, Hidden())
import box
assert {each for each in box.__all__ if getattr(box, each)} == set(box.__all__)
with box.Client("localhost:1") as client:
    assert client
try:
    import box.engine.serving.server
except ModuleNotFoundError:
    print("alone")
"""


@pytest.mark.parametrize("sample", ["iris", "kitchen"])
def test_the_client_imports_no_more_than_its_dependencies(tmp_path: Path, sample: str) -> None:
    project = bake(tmp_path, **SAMPLES[sample], package_name="box")
    compile_stubs(project)
    code = f"import sys; sys.path.insert(0, 'src')\n{ALONE}"
    assert run(sys.executable, "-c", code, cwd=project) == "alone\n"
