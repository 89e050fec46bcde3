"""Code: the author's own JavaScript, run in a child process that holds nothing."""
