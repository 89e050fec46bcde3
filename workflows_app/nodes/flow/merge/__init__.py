"""Merge: bring several inputs together. One file per major version, `combine.py` holds what 2 and 3 share."""
