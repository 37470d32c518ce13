"""Check that clients in the field can go on with the proto: that no number has changed its meaning.

    python scripts/breaking.py [--main BRANCH]

It is compared with the one on the main branch, where Git has that.
"""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HINT = """
Clients made before would read one thing as another. Numbers stay with their fields and labels:
write them into schema/, as in "age: int32 @3", and what is gone as "-income @2"; make update does
both. What cannot keep its number or type gets a new name beside the old one."""


def main() -> int:
    """Compare the proto with the one on the main branch."""
    parser = argparse.ArgumentParser(description="Check that clients can go on with the proto.")
    parser.add_argument("--main", default="main", help="the branch that clients are made of")
    branch = parser.parse_args().main
    found = revision(branch)
    if not found:
        print(f"There is no branch {branch} in Git to compare the proto with.")
        return 0
    prefix = git("rev-parse", "--show-prefix").rstrip("/")
    if not git("ls-tree", "--name-only", found, "buf.yaml"):
        print(f"The branch {branch} has no proto to compare with.")
        return 0
    common = (ROOT / git("rev-parse", "--git-common-dir")).resolve()
    against = f"{common}#format=git,ref={found}{f',subdir={prefix}' if prefix else ''}"
    buf = Path(sys.executable).with_name("buf")
    status = subprocess.run([buf, "breaking", "--against", against], cwd=ROOT).returncode
    if status:
        print(HINT)
    return status


def revision(branch: str) -> str:
    """Return the commit of a branch, here or as it was fetched; nothing if there is none."""
    for name in (f"refs/remotes/origin/{branch}", f"refs/heads/{branch}"):
        if found := git("rev-parse", "--verify", "--quiet", name + "^{commit}"):
            return found
    return ""


def git(*arguments: str) -> str:
    """Return what Git prints; nothing if it fails."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if not done.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
