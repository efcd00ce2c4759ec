"""Where detectors live: their cards, and how a name or a path leads to one. Never imports torch."""
