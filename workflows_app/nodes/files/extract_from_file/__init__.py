"""Extract from File: a file becomes items."""
