"""Code: the author's own JavaScript or Python, run in a child process that holds nothing."""
