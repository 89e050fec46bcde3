"""Who may do what: the matrix of callers and addresses, and what each leak would look like."""
