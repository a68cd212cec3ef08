#!/usr/bin/env bash
# Whether systemd takes the service's unit, and how well it is shut in. Skips where there is no systemd-analyze.
#   distribution/src/test/sh/unit.sh [ROOT]     of an installed package
set -euo pipefail
unit=$(cd "$(dirname "$0")/../../.." && pwd)/src/main/deb/cyphermesh.service
command -v systemd-analyze >/dev/null || { echo "unit: skipped: no systemd-analyze"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The program need not be here; its path is checked in the package's own test.
if [ -n "${1:-}" ]; then
  [ -x "$1$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$unit")" ] || { echo "unit: ExecStart names no program"; exit 1; }
fi
sed 's#^ExecStart=[^ ]*#ExecStart=/bin/true#; s#^Documentation=.*##' "$unit" >"$work/cyphermesh.service"
said=$(systemd-analyze verify --man=no --recursive-errors=no "$work/cyphermesh.service" 2>&1 | grep cyphermesh || true)
[ -z "$said" ] || { echo "unit: $said"; exit 1; }
# 0 is shut in, 100 is open; what remains is the network, and what the unit gives reasons for.
systemd-analyze security --offline=true --threshold=20 --no-pager "$work/cyphermesh.service" | tail -1
echo "unit: passed"
