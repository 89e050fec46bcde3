"""Markdown: text to HTML and back."""
