"""What the apps' REST views share: camelCase serializers, keyset pages, operations that document themselves. Knows no
app; errors, limits and the addresses are wired in `pumpflix.api`."""
