"""REST endpoints: parse, call one service or selector, shape the answer."""
