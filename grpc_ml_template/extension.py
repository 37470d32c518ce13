"""What the templates and hooks can call; cookiecutter loads it by its name in cookiecutter.json."""

import importlib
import re
import shutil
import sys
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, Undefined
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .printing.text import docstring, markdown, python_string, toml_string
from .project.answers import CHECKS, LATER_QUESTIONS, Answers, check, check_all, check_folder
from .project.names import package_name, project_slug
from .project.origin import origin
from .project.project import load_project
from .project.sourcing import named_after, source_files

PACKAGE = Path(__file__).resolve().parent
PROJECT_FOLDER = "{{cookiecutter.project_slug}}"
DELIMITERS = ("{{", "{%", "{#")
# A tag that uses what cookiecutter or this extension hands to templates.
OWN_TAG = re.compile(r"\{[{%](?:(?![}%]\}).)*\b(?:cookiecutter|template_root)\b", re.DOTALL)


class Enclosed(ImmutableSandboxedEnvironment):
    """An environment in which templates reach nothing but what they are handed, and change nothing."""

    def unsafe_undefined(self, obj: object, attribute: str) -> Undefined:
        """Return what is not there, of which cookiecutter can tell."""
        return self.undefined(obj=obj, name=attribute)


class GrpcMlExtension(Extension):
    """Checks answers and hands the templates what follows from them."""

    def __init__(self, environment: Environment) -> None:
        """Add the globals and the filters."""
        super().__init__(environment)
        _enclose(environment)
        environment.globals.update(
            check=_check_answer,
            check_all=_check_answers,
            kebab=project_slug,
            origin=origin,
            service=load_project,
            named_after=named_after,
            snake=package_name,
            source_files=source_files,
            template_root=str(PACKAGE.parent),
        )
        environment.filters.update(
            docstring=docstring, markdown=markdown, python=python_string, toml=toml_string
        )
        if "cruft" in sys.modules:
            _forget_this_version()

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Let the text of answers through as text, and check all of them before the first folder.

        Cookiecutter renders answers as templates when they come from the command line, a
        configuration file or cruft. Here one stays a template only if it uses another answer.
        """
        if name is not None:
            return source
        if source == PROJECT_FOLDER:
            return "{{ check_all(cookiecutter) }}{{ cookiecutter.project_slug }}"
        return source if _is_template(source) else f"{{{{ {source!a} }}}}"


def _enclose(environment: Environment) -> None:
    """Let templates reach nothing but what they are handed, and change nothing of that.

    Answers may be templates, and have texts of others in them: the names of a file and its columns.
    """
    kind = type(environment)
    if not issubclass(kind, Enclosed):
        # Cookiecutter has made it already.
        environment.__class__ = type(kind.__name__, (Enclosed, kind), {})


def _forget_this_version() -> None:
    """Let the next render import this package again.

    ``cruft update`` renders the old and the new version of the template in one process, from one
    folder; the new version would be rendered by the old one's code.
    """
    for module in [name for name in sys.modules if name.split(".")[0] == PACKAGE.name]:
        del sys.modules[module]
    for cache in [*PACKAGE.rglob("__pycache__")]:
        shutil.rmtree(cache, ignore_errors=True)
    importlib.invalidate_caches()


def _is_template(source: str) -> bool:
    if not any(delimiter in source for delimiter in DELIMITERS):
        return True
    if not OWN_TAG.search(source):
        return False
    try:
        Environment().parse(source)
    except TemplateSyntaxError:
        return False
    return True


def _check_answer(answers: Answers, name: str) -> str:
    # A replay file has its answers elsewhere while cookiecutter asks what the file leaves out.
    if name in answers:
        check(answers, name)
    return ""


def _check_answers(answers: Answers) -> str:
    # Fewer answers mean that one of them is being asked for and names the slug.
    if all(name in answers for name in CHECKS.keys() - LATER_QUESTIONS.keys()):
        check_all(answers)
        check_folder(answers)
    return ""
