"""Remove Duplicates: parameters, comparison within a run, comparison with earlier runs."""
