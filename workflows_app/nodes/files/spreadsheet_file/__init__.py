"""Spreadsheet File: the older node that reads and writes tables."""
