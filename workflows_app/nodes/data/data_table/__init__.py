"""Data Table: rows of the team's own tables."""
