"""The template's own files, read for the names that they use."""

import ast
import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "{{cookiecutter.project_slug}}"
CODE = PROJECT / "src" / "{{cookiecutter.package_name}}"
PROTO = PROJECT / "proto" / "{{cookiecutter.package_name}}" / "v1" / "service.proto"


def text_of(path: Path) -> str:
    """The text of a template."""
    return path.read_text(encoding="utf-8")


def python_of(path: Path) -> ast.Module:
    """The Python of a template: without the lines that begin with Jinja, and `_` for its values."""
    text = re.sub(r"^\{[{%].*\n", "", text_of(path), flags=re.MULTILINE)
    text = re.sub(r"\{%.*?%\}", "", text)
    return ast.parse(re.sub(r"\{\{.*?\}\}", "_", text))
