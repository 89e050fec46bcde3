"""One command, one supervised tree: the embedded servers, the web process and the workers.

Nothing in here imports Django: the supervisor stays small and starts at once.
"""
