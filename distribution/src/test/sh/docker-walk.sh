#!/usr/bin/env bash
# The image and both compose files, used as the guides say; prints what passed and what failed. Needs a Docker
# engine and the ports of the compose files; refuses to run beside nodes that were started from them.
#   distribution/src/test/sh/docker-walk.sh               builds the image first
#   distribution/src/test/sh/docker-walk.sh --no-build
# Exit code 0: all passed, or there is no engine, which is said; 1: something failed.
set -uo pipefail
cd "$(dirname "$0")/../../../.."
image=cyphermesh-node:latest
build=1
[ "${1:-}" != --no-build ] || build=

docker info >/dev/null 2>&1 || {
  echo "docker-walk: skipped: there is no Docker engine here"
  exit 0
}
command -v curl >/dev/null || {
  echo "docker-walk: curl is missing: install it (apt-get install curl)" >&2
  exit 1
}
if docker compose version >/dev/null 2>&1; then
  compose() { docker compose "$@"; }
elif command -v docker-compose >/dev/null; then
  compose() { docker-compose "$@"; }
else
  echo "docker-walk: skipped: there is no docker compose here"
  exit 0
fi
dev() { compose -f docker-compose.dev.yml "$@"; }

for name in cyphermesh_data cyphermesh_seed_data cyphermesh_peer_data cyphermesh_attacked_log cyphermesh_walk_data; do
  if docker volume inspect "$name" >/dev/null 2>&1; then
    echo "docker-walk: there is a volume $name, which would be deleted: remove it first" >&2
    exit 1
  fi
done
work=$(mktemp -d)
# Where a user drops jars; what is there stays.
jar=plugins/docker-walk-template.jar
finish() {
  docker rm -fv extra-node cyphermesh-walk >/dev/null 2>&1
  compose down -v >/dev/null 2>&1
  dev down -v >/dev/null 2>&1
  docker volume rm -f cyphermesh_walk_data >/dev/null 2>&1
  rm -rf "$work" "$jar"
}
trap finish EXIT

failed=0
# Runs the rest of its arguments as a step of this name.
step() {
  local name=$1
  shift
  if "$@" >"$work/out" 2>&1; then
    echo "pass  $name"
  else
    echo "FAIL  $name"
    sed 's/^/      /' "$work/out" | tail -15
    failed=$((failed + 1))
  fi
}
# Waits up to 90 s for the command to succeed.
soon() {
  local _
  for _ in $(seq 180); do
    "$@" && return
    sleep 0.5
  done
  return 1
}
in_node() { docker exec cyphermesh-node cyphermesh "$@"; }
node_id() { in_node status --json | grep -o '"nodeId":"[0-9a-f]*"'; }
health() { docker inspect -f '{{.State.Health.Status}}' "$1"; }
is_healthy() { [ "$(health "$1")" = healthy ]; }
serves() { curl -sf -o /dev/null "http://localhost:$1/"; }
has_events_from() { curl -sf "http://localhost:$1/api/v1/events" | grep -q '"source_ip":"'; }
has_peers() { curl -sf "http://localhost:$1/api/v1/status" | grep -q "\"peersConnected\":$2"; }
same() { [ "$1" = "$2" ] || { echo "'$1' is not '$2'"; return 1; }; }

# --- the image
build_image() { docker build -t "$image" .; }
[ -z "$build" ] || step "the image builds" build_image
# Layers of ours: all but the base image's.
layers() {
  local all base
  all=$(docker image inspect -f '{{.Size}}' "$image")
  # BuildKit does not keep it.
  docker image inspect debian:bookworm-slim >/dev/null 2>&1 || docker pull -q debian:bookworm-slim >/dev/null
  base=$(docker image inspect -f '{{.Size}}' debian:bookworm-slim)
  echo $(((all - base) / 1000000))
}
small() { [ "$(layers)" -le 175 ] && [ "$(layers)" -gt 20 ]; }
step "our layers are $(layers) MB, of at most 175" small
takes_arguments() { docker run --rm "$image" --help | grep -q -- --seed-ip; }
step "arguments go to 'cyphermesh run'" takes_arguments
has_cache() { docker run --rm -e CYPHER_AOT=require --entrypoint cyphermesh "$image" --version; }
step "the AOT cache is there and is taken" has_cache
has_list() { docker run --rm --entrypoint test "$image" -s /opt/cyphermesh/sbom.json; }
step "the list of components is there" has_list

# --- one node, from the compose file
up() { compose up -d --no-build; }
step "docker compose up -d" up
step "the dashboard is served" soon serves 5050
step "the node is healthy" soon is_healthy cyphermesh-node
is_unprivileged() { same "$(docker exec cyphermesh-node id -u)" 10001; }
step "it runs as user 10001" is_unprivileged
is_read_only() { ! docker exec cyphermesh-node touch /opt/cyphermesh/x && ! docker exec cyphermesh-node touch /root/x; }
step "its root is read-only" is_read_only
is_noexec() { docker exec cyphermesh-node sh -c 'cp /bin/true /tmp/x && ! /tmp/x'; }
step "its /tmp cannot be executed" is_noexec
has_no_capability() { docker exec cyphermesh-node grep -q '^CapEff:[[:space:]]*0*$' /proc/1/status; }
step "it has no capability" has_no_capability
is_native() { in_node status --json | grep -q AmazonCorretto; }
step "cryptography is native" is_native
may_read_logs() { docker exec cyphermesh-node id -G | grep -qw "${CYPHER_LOG_GID:-4}"; }
step "it is in the group that reads logs" may_read_logs
step "cyphermesh-add-peer works inside" docker exec cyphermesh-node cyphermesh-add-peer 192.0.2.1:9001
report() { in_node report --source 203.0.113.9 --type ssh-bruteforce --severity high; }
step "an event is reported" report

drop_in() {
  local built
  built=$(ls plugins/template/target/template-*.jar 2>/dev/null | grep -v -- -sources | head -1)
  if [ -z "$built" ]; then
    docker build -q --target build -t cyphermesh-walk-build . >/dev/null || return
    docker run --rm --entrypoint sh cyphermesh-walk-build -c 'cat plugins/template/target/template-*.jar' >"$work/template.jar"
    built=$work/template.jar
  fi
  # As a user does who is not root: the node's user may only read it.
  cp "$built" "$jar.part" && chmod 644 "$jar.part" && { [ "$(id -u)" != 0 ] || chown 1000:1000 "$jar.part"; } &&
    mv "$jar.part" "$jar"
}
template_is() { in_node plugins list --json | grep '"id":"template"' | grep -q "\"state\":\"$1\""; }
step "a jar dropped into ./plugins …" drop_in
step "… is loaded by the running node" soon template_is ACTIVE
lift() { rm -f "$jar" && soon not_there; }
not_there() { ! in_node plugins list --json | grep -q '"id":"template"'; }
step "… and is gone when it is removed" lift

in_node events --json >"$work/before" 2>/dev/null
id=$(node_id)
stops() {
  local begin=$SECONDS
  docker stop -t 15 cyphermesh-node && [ $((SECONDS - begin)) -le 10 ] &&
    same "$(docker inspect -f '{{.State.ExitCode}}' cyphermesh-node)" 143
}
step "docker stop is clean and takes at most 10 s" stops
again() { compose down && compose up -d --no-build && soon serves 5050; }
step "down and up" again
keeps_identity() { same "$(node_id)" "$id"; }
step "the identity is kept" keeps_identity
keeps_events() { in_node events --json >"$work/after" && grep -q 203.0.113.9 "$work/after" && cmp "$work/before" "$work/after"; }
step "the events are kept" keeps_events
keeps_peers() { in_node peers | grep -q 192.0.2.1:9001; }
step "the peers are kept" keeps_peers

# --- out of the volume, and back
saves() {
  docker exec cyphermesh-node cyphermesh backup node.zip && docker cp cyphermesh-node:/root/.cyphermesh/node.zip "$work" &&
    [ "$(stat -c %a "$work/node.zip")" = 600 ]
}
step "a backup comes out of the volume" saves
restores() {
  in_node report --source 203.0.113.77 --type port-scan --severity low && docker stop cyphermesh-node &&
    docker run --rm -v cyphermesh_data:/root/.cyphermesh --entrypoint cyphermesh "$image" restore --force node.zip &&
    docker start cyphermesh-node && soon serves 5050 && same "$(node_id)" "$id" &&
    in_node events >"$work/restored" && grep -q 203.0.113.9 "$work/restored" && ! grep -q 203.0.113.77 "$work/restored"
}
step "and is restored" restores

# --- one more node, as the first documents have it
extra() {
  docker run -d --name extra-node -p 9005:9005 -e CYPHER_PORT=9005 -v cyphermesh_walk_data:/root/.cyphermesh \
    cyphermesh-node:latest --bootstrap CONNECT --seed-ip 172.17.0.1
}
step "docker run … --bootstrap CONNECT --seed-ip 172.17.0.1" extra
gets_event() { docker exec extra-node cyphermesh events | grep -q 203.0.113.9; }
step "the extra node gets the event" soon gets_event
step "docker compose down -v" compose down -v
docker rm -fv extra-node >/dev/null 2>&1

# --- errors that users make
foreign() {
  mkdir -p "$work/foreign"
  ! docker run --rm -v "$work/foreign:/root/.cyphermesh" "$image" >"$work/said" 2>&1 &&
    same "$(wc -l <"$work/said")" 1 && grep -q 'chown -R 10001' "$work/said"
}
step "a folder of root's is refused in one line that says what to do" foreign

# --- the network for developers
dev_up() { dev up -d; }
step "docker compose -f docker-compose.dev.yml up -d" dev_up
step "the seed is healthy" soon is_healthy cyphermesh-seed
step "the peer is healthy" soon is_healthy cyphermesh-peer
step "they are linked" soon has_peers 5051 1
step "an attack is on the seed's dashboard" soon has_events_from 5050
step "an attack is on the peer's dashboard" soon has_events_from 5051
third() {
  local network
  network=$(docker inspect -f '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}' cyphermesh-seed)
  docker run -d --name cyphermesh-walk --network "$network" "$image" &&
    soon docker exec cyphermesh-walk cyphermesh health &&
    docker exec cyphermesh-walk cyphermesh-add-peer seed:9001
}
step "a third container is joined by cyphermesh-add-peer" third
third_linked() { docker exec cyphermesh-walk cyphermesh events | grep -q ssh-bruteforce; }
step "it gets the events" soon third_linked
docker rm -fv cyphermesh-walk >/dev/null 2>&1
step "docker compose -f docker-compose.dev.yml down -v" dev down -v

if [ "$failed" -gt 0 ]; then
  echo "docker-walk: $failed steps failed"
  exit 1
fi
echo "docker-walk: all passed"
