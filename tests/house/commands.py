"""What the command line answers."""

import json
from typing import Any

from click.testing import Result


def told(result: Result) -> Any:
    """What a command that succeeded printed with --json."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)
