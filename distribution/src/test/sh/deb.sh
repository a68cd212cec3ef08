#!/usr/bin/env bash
# The archive with its own Java and the Debian package, on a Debian that has no Java: a folder made by an engine
# for containers or by debootstrap, with a network of its own. Needs root.
#   distribution/src/test/sh/deb.sh [PACKAGE [ARCHIVE]]     of the last build with -Pdeb
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$(cd "$here/../../.." && pwd)/target
suite=bookworm

skip() {
  echo "deb: skipped: $*"
  exit 0
}

newest() {
  # shellcheck disable=SC2012 # names of our own making
  ls -t "$@" 2>/dev/null | head -1
}

if [ "${1:-}" != --inside ]; then
  package=${1:-$(newest "$target"/cyphermesh_*_amd64.deb)}
  archive=${2:-$(newest "$target"/cyphermesh-*-linux-x64.tar.gz)}
  [ "$(id -u)" = 0 ] || skip "only root can make a Debian to install into"
  [ "$(uname -m)" = x86_64 ] || skip "the package is for amd64"
  for tool in unshare ip curl; do
    command -v "$tool" >/dev/null || skip "there is no $tool"
  done
  [ -f "$package" ] || skip "there is no package: build it with -Pdeb"
  [ -f "$archive" ] || skip "there is no archive with its own Java"
  work=$(mktemp -d)
  trap 'rm -rf --one-file-system "$work"' EXIT
  root=$work/root
  mkdir "$root"
  if command -v docker >/dev/null && docker image inspect "debian:$suite-slim" >/dev/null 2>&1; then
    container=$(docker create "debian:$suite-slim" true) || skip "the engine makes no container"
    docker export "$container" | tar -x -C "$root"
    docker rm "$container" >/dev/null
  elif command -v debootstrap >/dev/null; then
    debootstrap --variant=minbase --include=adduser "$suite" "$root" >"$work/debootstrap" 2>&1 ||
      skip "debootstrap cannot make a Debian here: $(tail -1 "$work/debootstrap")"
  else
    skip "there is neither an image debian:$suite-slim nor debootstrap"
  fi
  # What runs and is mounted in there ends with it.
  unshare --mount --pid --fork --kill-child --net "$0" --inside "$root" "$package" "$archive"
  exit
fi

root=$2 package=$3 archive=$4
mount --make-rprivate /
mount -t proc proc /proc
mount --bind "$root" "$root"
mkdir -p "$root/proc" "$root/dev" "$root/tmp"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
for device in null zero full random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
ip link set lo up

failures=0
step() {
  local name=$1
  shift
  if "$@" >"$root.out" 2>&1; then
    echo "pass  $name"
  else
    echo "FAIL  $name"
    sed 's/^/      /' "$root.out" | tail -15
    failures=$((failures + 1))
  fi
}
into=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$root")
inside() { "${into[@]}" "$@"; }
not() { ! "$@"; }
files() { (cd "$root" && find . -xdev ! -path './proc/*' ! -path './dev/*' ! -path './tmp/*' \
  ! -path './var/lib/dpkg/*' ! -path './var/log/*' ! -path './opt/*' \
  ! -path './run/*' ! -name '*-' | sort); }

no_java() { not inside sh -c 'command -v java || ls -d /usr/lib/jvm /opt/java'; }

archive_runs() {
  mkdir -p "$root/opt/unpacked" && tar -xzf "$archive" -C "$root/opt/unpacked" --strip-components=1 || return
  inside /opt/unpacked/bin/cyphermesh --version && inside /opt/unpacked/bin/cyphermesh demo --seconds 20
}

# ---- The service, as systemd would run it.
unit=/usr/lib/systemd/system/cyphermesh.service
setting() { sed -n "s/^$1=//p" "$root$unit"; }
node=
start() {
  local user groups command
  user=$(setting User) groups=$(setting SupplementaryGroups) command=$(setting ExecStart)
  # shellcheck disable=SC2046,SC2086 # words, as in the unit
  "${into[@]}" setpriv --reuid="$user" --regid="$(setting Group)" --groups="$user,$groups" --no-new-privs \
    --bounding-set=-all env $(setting Environment) $command >>"$root.node" 2>&1 &
  node=$!
  for _ in $(seq 150); do
    if curl -sf http://127.0.0.1:5050/health >/dev/null; then return 0; fi
    kill -0 "$node" 2>/dev/null || break
    sleep 0.2
  done
  cat "$root.node"
  return 1
}
stop() {
  # What was started has become the program, step by step.
  local began=$SECONDS code=0
  kill -TERM "$node"
  wait "$node" || code=$?
  echo "exit code $code after $((SECONDS - began)) s"
  [ "$code" = 143 ] && [ $((SECONDS - began)) -le 10 ]
}

installs() { cp "$package" "$root/tmp/cyphermesh.deb" && inside dpkg -i /tmp/cyphermesh.deb; }
is() { [ "$(inside stat -c '%U:%G %a' "$1")" = "$2" ] || { inside stat "$1"; return 1; }; }
laid_down() {
  inside id cyphermesh && is /var/lib/cyphermesh "cyphermesh:cyphermesh 700" &&
    is /etc/cyphermesh "root:cyphermesh 750" && is /etc/cyphermesh/cyphermesh.conf "root:cyphermesh 640" &&
    is /etc/default/cyphermesh "root:root 640"
}
has_cache() { inside sh -c 'ls /usr/lib/cyphermesh/lib/*.aot'; }
completes() {
  # shellcheck disable=SC2016 # for the shell inside
  inside bash -c 'compopt() { :; }; . /usr/share/bash-completion/completions/cyphermesh
    COMP_WORDS=(cyphermesh sta) COMP_CWORD=1; _complete_cyphermesh; [ "${COMPREPLY[*]}" = status ]'
}
node_id() { inside cyphermesh status --json | grep -o '"nodeId":"[0-9a-f]*"'; }
status_as_root() { node_id >"$root.id" && [ -s "$root.id" ]; }
reports() {
  inside cyphermesh report --source 203.0.113.9 --type ssh-bruteforce --severity high &&
    inside cyphermesh events | grep 203.0.113.9 && inside cyphermesh events --json | inside cyphermesh verify -
}
dropped() { [ "$(inside stat -c %U "/proc/$(inside sh -c 'cat /var/lib/cyphermesh/run/node.json' | grep -o '"pid":[0-9]*' | tr -dc 0-9)")" = cyphermesh ]; }
adds_peer() { inside cyphermesh-add-peer 127.0.0.1:9; }
nothing_of_root() {
  local found
  found=$(inside find /var/lib/cyphermesh ! -user cyphermesh)
  [ -z "$found" ] || { echo "$found"; return 1; }
}
event_is_there() { inside cyphermesh events | grep 203.0.113.9; }
sees_settings() { echo 'nonsense = 1' >>"$root/etc/cyphermesh/cyphermesh.conf"; local said; said=$(inside cyphermesh run 2>&1); local code=$?
  sed -i '$d' "$root/etc/cyphermesh/cyphermesh.conf"; echo "$said"; [ $code = 2 ] && [[ $said == */etc/cyphermesh/cyphermesh.conf:*nonsense* || $said == *cyphermesh.conf:*nonsense* ]]; }
upgrades() {
  echo 'log.level = debug' >>"$root/etc/cyphermesh/cyphermesh.conf"
  installs && tail -1 "$root/etc/cyphermesh/cyphermesh.conf" | grep -x 'log.level = debug' && laid_down
}
same_node() { [ "$(node_id)" = "$(cat "$root.id")" ]; }
removes() {
  inside dpkg --remove cyphermesh && [ -f "$root/etc/cyphermesh/cyphermesh.conf" ] &&
    [ -f "$root/var/lib/cyphermesh/cyphermesh.db" ] && [ ! -e "$root/usr/lib/cyphermesh" ] && [ ! -e "$root/usr/bin/cyphermesh" ]
}
purges() { inside dpkg --purge cyphermesh && not inside getent passwd cyphermesh && not inside getent group cyphermesh; }
nothing_left() { files | diff "$root.before" -; }

step "the Debian has no Java" no_java
step "the archive runs there" archive_runs
rm -rf "$root/opt/unpacked"
files >"$root.before"
step "the package installs" installs
step "user, data directory and settings are its own" laid_down
step "the start cache was made" has_cache
step "completion" completes
step "the unit is as systemd wants it, and hardened" "$here/unit.sh" "$root"
step "the service starts by its unit's command line" start
step "it runs as its own user" dropped
step "root's commands find it" status_as_root
step "an event is reported, read back and verified" reports
step "a peer is added" adds_peer
step "it stops within 10 s" stop
step "root reads events without it" event_is_there
step "root adds a peer without it" adds_peer
step "a wrong setting is told with its place" sees_settings
step "nothing in the data directory became root's" nothing_of_root
step "an upgrade keeps edited settings" upgrades
step "it starts again" start
step "as the same node" same_node
step "with its events" event_is_there
step "it stops again" stop
step "removing keeps data and settings" removes
step "purging removes the user" purges
step "nothing is left" nothing_left
if [ "$failures" -gt 0 ]; then
  echo "deb: $failures failed"
  exit 1
fi
echo "deb: passed"
