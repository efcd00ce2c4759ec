"""Fitting countermeasures: recipe and trials in, weights out. Built on Lightning."""
