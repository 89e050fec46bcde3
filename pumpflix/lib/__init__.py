"""The lowest layer: knows no app."""
