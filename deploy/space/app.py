"""The hosted demo: the page and the API on the port that a space is asked on.

A space stands behind its host's proxy, which names it in SPACE_HOST; PORT is for trying it at home.
"""

import os
import sys

from earwitness.apps.cli.main import main

host = os.environ.get("SPACE_HOST", "")
port = os.environ.get("PORT", "7860")
options = ["--host", "0.0.0.0" if host else "127.0.0.1", "--port", port]
if host:
    options += ["--allow-host", host]

sys.argv = [
    "earwitness",
    "serve",
    *options,
    "--max-mb",
    "50",
    "--max-seconds",
    "300",
    *sys.argv[1:],
]
main()
