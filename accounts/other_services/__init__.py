"""Signing in with Google, Facebook or an OpenID provider: only where settings name one."""
