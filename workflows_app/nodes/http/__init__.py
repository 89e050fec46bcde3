"""Node types that speak HTTP."""
