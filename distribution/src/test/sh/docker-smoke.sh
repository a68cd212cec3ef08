#!/usr/bin/env bash
# The image and both compose files, used as the guide says. Needs a Docker engine and the ports of the
# compose files; refuses to run beside a node that was started from them.
#   distribution/src/test/sh/docker-smoke.sh            builds the image first
#   distribution/src/test/sh/docker-smoke.sh --no-build
set -euo pipefail
cd "$(dirname "$0")/../../../.."
image=cyphermesh-node:latest
probe=cyphermesh-smoke
work=$(mktemp -d)
compose() {
  if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi
}
fail() {
  echo "docker-smoke: $*" >&2
  exit 1
}
for name in cyphermesh_data cyphermesh_seed_data cyphermesh_peer_data; do
  ! docker volume inspect "$name" >/dev/null 2>&1 || fail "there is a volume $name: it would be deleted"
done
finish() {
  docker rm -fv "$probe" >/dev/null 2>&1 || true
  compose down -v >/dev/null 2>&1 || true
  compose -f docker-compose.dev.yml down -v >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

# Waits up to 60 s for the command to succeed.
until_true() {
  for _ in $(seq 120); do
    ! "$@" >/dev/null 2>&1 || return 0
    sleep 0.5
  done
  fail "waited in vain for: $*"
}
node() { docker exec cyphermesh-node cyphermesh "$@"; }
node_id() { node status --json | grep -o '"nodeId":"[0-9a-f]*"'; }
healthy() { [ "$(docker inspect -f '{{.State.Health.Status}}' cyphermesh-node)" = healthy ]; }
linked() { curl -sf http://localhost:5051/api/v1/status | grep -q '"peersConnected":1'; }
arrived() { curl -sf http://localhost:5051/api/v1/events | grep -q 198.51.100.7; }

[ "${1:-}" = --no-build ] || docker build -t "$image" .
docker run --rm "$image" --help | grep -q -- --seed-ip || fail "arguments do not go to run"

# One node: reachable, unprivileged, healthy; commands; plugins; what it keeps.
compose up -d --no-build
until_true curl -sf http://localhost:5050/
curl -sf http://localhost:5050/api/v1/status >/dev/null || fail "the page's host needs a token"
[ "$(docker exec cyphermesh-node id -u)" = 10001 ] || fail "runs as another user"
docker exec cyphermesh-node cyphermesh-add-peer 192.0.2.1:9001
node report --source 203.0.113.9 --type ssh-bruteforce --severity high >/dev/null
node events --json >"$work/before"
id=$(node_id)
until_true healthy
docker stop -t 10 cyphermesh-node >/dev/null
[ "$(docker inspect -f '{{.State.ExitCode}}' cyphermesh-node)" = 143 ] || fail "did not stop in order"
compose down
compose up -d --no-build
until_true curl -sf http://localhost:5050/
[ "$(node_id)" = "$id" ] || fail "another node id"
node events --json | cmp - "$work/before" || fail "other events"
node peers | grep -q 192.0.2.1:9001 || fail "the peer is forgotten"
compose down -v

# Nothing to write but the volume, nothing to execute in /tmp.
docker run -d --name "$probe" --read-only --tmpfs /tmp:noexec --cap-drop ALL --security-opt no-new-privileges \
  "$image" --port 9005 >/dev/null
until_true docker exec "$probe" cyphermesh health
docker logs "$probe" 2>&1 | grep -q 0.0.0.0:9005 || fail "--port"
docker exec "$probe" cyphermesh status --json | grep -q AmazonCorretto || fail "no native cryptography"
docker rm -fv "$probe" >/dev/null

# A folder of root's: one line, which says what to do.
mkdir "$work/foreign"
! docker run --rm -v "$work/foreign:/root/.cyphermesh" "$image" >"$work/out" 2>&1 || fail "wrote to root's folder"
[ "$(wc -l <"$work/out")" = 1 ] && grep -q 'chown -R 10001' "$work/out" || fail "$(cat "$work/out")"

# Two nodes.
compose -f docker-compose.dev.yml up -d --no-build
until_true linked
docker exec cyphermesh-seed cyphermesh report --source 198.51.100.7 --type port-scan --severity low >/dev/null
until_true arrived
compose -f docker-compose.dev.yml down -v
echo "docker-smoke: passed"
