"""A verdict as a page shows it, for people who have no command line: words, picture, report."""
