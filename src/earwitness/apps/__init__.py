"""The street side: requests become library calls, and results become answers."""
