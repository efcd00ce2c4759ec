"""Columns and a key → what each column gives away, and whether chance does as much."""
