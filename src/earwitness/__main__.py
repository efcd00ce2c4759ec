"""``python -m earwitness`` is the command line."""

from earwitness.apps.cli.main import main

main()
