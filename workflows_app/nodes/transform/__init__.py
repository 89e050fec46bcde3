"""Node types that change items."""
