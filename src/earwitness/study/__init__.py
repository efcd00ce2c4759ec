"""The mission's six tasks in a row: fine-tune on for-2seconds, and say what that did elsewhere.

A study is a plan of steps; each leaves an artefact in the study's folder and is passed over where
that is there already. ``running`` is the page to start from.
"""
