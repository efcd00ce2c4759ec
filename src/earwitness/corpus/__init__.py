"""Building training data: what is done once to a corpus, before anything is trained on it."""
