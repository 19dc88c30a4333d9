"""Results that take longer than a lesson may: small files, each beside the script that made it.

`python -m actlab.results.charlm` makes charlm.json again.
"""

import json
from importlib.resources import files
from typing import Any


def load(name: str) -> dict[str, Any]:
    """What the script `actlab.results.<name>` stored, as a dictionary.

    Errors: FileNotFoundError where there is no such result.
    """
    return json.loads((files("actlab.results") / f"{name}.json").read_text(encoding="utf-8"))
