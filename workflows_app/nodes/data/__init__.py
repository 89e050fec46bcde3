"""Node types that compare and combine lists of items."""
