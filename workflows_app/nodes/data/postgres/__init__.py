"""Postgres: ask a PostgreSQL database, and write into its tables."""
