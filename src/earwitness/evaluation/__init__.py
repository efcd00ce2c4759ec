"""Trials in, figures out: score a protocol, measure, break down, and say what is wrong with it."""
