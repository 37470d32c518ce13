"""What the template works out from the answers.

`project` prints, with the help of `printing`, what `language` has read; imports go in that
direction only. `extension` is what cookiecutter loads.
"""

import sys

# Cookiecutter itself runs on older ones. It shows an ImportError of an extension in one line.
if sys.version_info < (3, 11):  # noqa: UP036
    raise ImportError(
        "this template needs Python 3.11 or newer, and cookiecutter runs on "
        + ".".join(map(str, sys.version_info[:2]))
        + '; run it on a newer one, like "uvx --python 3.14 cookiecutter"'
    )
