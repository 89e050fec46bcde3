"""HTML: fill in a page, pick values out of one, or make a table of items."""
