"""Checkpoint layouts: one file a layout that somebody publishes, read without running its code."""
