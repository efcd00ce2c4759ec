"""Room 3b: raw scores ↔ LLRs."""
