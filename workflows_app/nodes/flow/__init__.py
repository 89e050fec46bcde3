"""Node types that decide where items go."""
