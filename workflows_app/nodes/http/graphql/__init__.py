"""GraphQL: a query or mutation over HTTP."""
