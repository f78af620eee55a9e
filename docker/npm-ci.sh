#!/bin/sh
# Installs from the lock file. Offline when the build is given a filled npm cache:
#   docker build --build-context npm-cache="$HOME/.npm" …
set -eu
if [ -d /npm-cache/_cacache ]; then
  exec npm ci --offline --ignore-scripts --no-audit --no-fund --cache /npm-cache "$@"
fi
exec npm ci --prefer-offline --ignore-scripts --no-audit --no-fund "$@"
