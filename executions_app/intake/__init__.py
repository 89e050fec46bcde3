"""Requests that start executions: found, read, stored and answered in front of Django."""
