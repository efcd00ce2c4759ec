"""What was measured → pages, tables and figures that people read. Nothing is measured here."""
