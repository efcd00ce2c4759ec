"""A study → a page, a text, figures and JSON; and the original study's figures, put right."""
