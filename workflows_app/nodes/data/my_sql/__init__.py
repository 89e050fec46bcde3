"""MySQL: ask a MySQL or MariaDB database, and write into its tables."""
