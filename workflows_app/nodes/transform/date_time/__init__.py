"""Date & Time: write, compute and compare dates."""
