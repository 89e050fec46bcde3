"""Send Email: over a mail server, or into the built-in outbox."""
