"""Networks out of the workshop: checkpoint in, detector folder out, with proof that they agree."""
