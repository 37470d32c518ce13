"""Stops when the answers were not checked: a replay file can leave the template's extension out."""

import json
import sys

# Empty when the extension, which sets it and checks the answers, is not loaded.
TEMPLATE_ROOT = json.loads(r""" {{ template_root | default('') | tojson }} """)

if not TEMPLATE_ROOT:
    sys.exit(
        "_extensions: the answers could not be checked; "
        'leave "_extensions" out of the replay file, or take it from cookiecutter.json'
    )
