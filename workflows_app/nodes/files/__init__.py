"""Node types that read and make files."""
