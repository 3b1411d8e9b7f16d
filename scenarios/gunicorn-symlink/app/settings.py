"""Settings shared by all releases.

Workers inherit the environment of the master, and HUP gives it no other one: a release that needs a new setting finds
it in this file.
"""

import os
from pathlib import Path

SETTINGS = dict(
    line.split("=", 1) for line in Path(os.environ["SETTINGS"]).read_text().splitlines() if "=" in line
)
