"""Convert to File: items become a file."""
