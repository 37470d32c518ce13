"""Write the template, as it is committed, into a bundle of Git, for the tests of updates from it.

A release has one: ``python scripts/bundle.py`` writes ``tests/releases/VERSION.bundle``. It has one
commit, tagged with the version, of what is needed to bake projects and nothing else.
"""

import os
import subprocess
import tempfile
import tomllib
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent.parent
RELEASES = TEMPLATE / "tests" / "releases"
# What bakes a project, and updates it.
NEEDED = (
    "cookiecutter.json",
    "hooks",
    "grpc_ml_template",
    "pyproject.toml",
    "templates",
    "{{cookiecutter.project_slug}}",
)
NOBODY = {
    f"GIT_{who}_{what}": "template" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}


def git(*arguments: str, **env: str) -> str:
    """Run Git in the template, and return what it prints."""
    result = subprocess.run(
        ["git", *arguments],
        cwd=TEMPLATE,
        env={**os.environ, **env},
        check=True,
        capture_output=True,
        text=True,
    )
    return result.stdout.strip()


def main() -> None:
    """Write the bundle of the version in pyproject.toml."""
    version = tomllib.loads((TEMPLATE / "pyproject.toml").read_text())["project"]["version"]
    RELEASES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        index = str(Path(folder) / "index")
        for name in NEEDED:
            if (TEMPLATE / name).is_dir():
                git("read-tree", f"--prefix={name}/", f"HEAD:{name}", GIT_INDEX_FILE=index)
            else:
                file = f"100644,{git('rev-parse', f'HEAD:{name}')},{name}"
                git("update-index", "--add", "--cacheinfo", file, GIT_INDEX_FILE=index)
        tree = git("write-tree", GIT_INDEX_FILE=index)
    date = git("log", "-1", "--format=%cI")
    dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    commit = git("commit-tree", tree, "-m", f"Release {version}", **NOBODY, **dates)
    reference = f"refs/tags/v{version}"
    git("update-ref", reference, commit)
    try:
        git("bundle", "create", str(RELEASES / f"{version}.bundle"), reference)
    finally:
        git("update-ref", "-d", reference)


if __name__ == "__main__":
    main()
