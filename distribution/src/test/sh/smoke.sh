#!/usr/bin/env bash
# What no unit test sees: the built archive, run as a user would run it.
#   distribution/src/test/sh/smoke.sh [LAUNCHER]
set -euo pipefail
root=$(cd "$(dirname "$0")/../../../.." && pwd)
program=${1:-$root/cyphermesh}
work=$(mktemp -d)
node=
finish() {
  [ -z "$node" ] || kill "$node" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
fail() {
  echo "smoke: $*" >&2
  [ ! -s "$work/node.txt" ] || tail -20 "$work/node.txt" >&2
  exit 1
}

# Built before the clock starts. From another folder, through a link, stdout without a stray line.
ln -s "$program" "$work/cm"
cd "$work"
[[ $(./cm --version) =~ ^cyphermesh\ [0-9] ]] || fail "--version"

export CYPHER_DATA_DIR="$work/data of a node"

# An attack, its middle in a packed file; nothing else on stdout, no data directory, nothing left in /tmp.
failure() {
  echo "Dec 10 06:55:4$1 host1 sshd[9]: Failed password for root from 198.51.100.7 port 4$1 ssh2"
}
{ failure 1; failure 2; } >auth.1
{ failure 3; failure 4; } | gzip >auth.2
mkdir tmp
failure 5 | JAVA_OPTS="-Djava.io.tmpdir=$work/tmp" ./cm detect --json auth.1 auth.2 - >out.txt 2>err.txt || fail "detect"
[ "$(wc -l <out.txt)" = 1 ] && grep -q '"source":"198.51.100.7","type":"ssh-bruteforce","severity":"medium","count":5,' out.txt ||
  fail "detect found $(cat out.txt)"
[ ! -e "$CYPHER_DATA_DIR" ] && [ -z "$(ls tmp)" ] || fail "detect left something behind"
./cm detect --explain auth.1 >out.txt
grep -q '^auth.1:2 openssh-failed-login: 198.51.100.7: 2 of 5 ' out.txt || fail "detect --explain"
code=0
./cm detect --detector none auth.1 >out.txt 2>err.txt || code=$?
[ "$code" = 2 ] && [ ! -s out.txt ] && grep -q 'log-watcher' err.txt || fail "an unknown detector"

code=0
./cm peers >out.txt 2>err.txt || code=$?
[ "$code" = 1 ] && [ ! -s out.txt ] && [ "$(wc -l <err.txt)" = 1 ] || fail "peers without a node"

./cm add-peer 127.0.0.1:9 >/dev/null || fail "add-peer offline"
./cm run --port 0 --host 127.0.0.1 --dashboard-port 0 --no-discovery >node.txt 2>&1 &
node=$!
for _ in $(seq 150); do [ -f "$CYPHER_DATA_DIR/run/node.json" ] && break; sleep 0.2; done
./cm health >/dev/null || fail "the node did not come up"
[ ! -e "$CYPHER_DATA_DIR/peers.txt" ] || fail "the remembered peer was not taken over"
./cm peers --json | grep -q '127.0.0.1:9' || fail "the remembered peer is unknown"
./cm report --source 203.0.113.9 --type ssh-bruteforce --severity high --details '{"count": 12}' >/dev/null ||
  fail "report"
./cm plugins list --json >plugins.json
[ "$(grep -c '"id":' plugins.json)" -ge 3 ] && grep -q '"id":"log-watcher",' plugins.json || fail "plugins list"
./cm plugins info log-watcher >info.txt && grep -q '^state  *ACTIVE' info.txt || fail "plugins info: $(cat info.txt)"
code=0
./cm plugins info log-wacher >out.txt 2>err.txt || code=$?
[ "$code" = 2 ] && [ ! -s out.txt ] && grep -q "did you mean 'log-watcher'?" err.txt || fail "an unknown plugin"
./cm plugins disable log-watcher >/dev/null || fail "plugins disable"
./cm plugins info log-watcher --json | grep -q '"state":"DISABLED"' || fail "the plugin is not disabled"
./cm plugins enable log-watcher >/dev/null || fail "plugins enable"
./cm events --json >events.json
./cm verify events.json | grep -q '^valid ' || fail "verify"
sed 's/203.0.113.9/203.0.113.8/' events.json >forged.json
! ./cm verify forged.json >/dev/null || fail "a forged event was found valid"
! ./cm run >/dev/null 2>err.txt || fail "a second node started on the same data"
! ./cm reset --all --yes >/dev/null 2>&1 || fail "reset beside a running node"

kill -TERM "$node"
code=0
wait "$node" || code=$?
node=
[ "$code" = 143 ] || fail "exit code $code after SIGTERM"
[ ! -e "$CYPHER_DATA_DIR/run/node.json" ] || fail "run/node.json stayed behind"
./cm events | grep -q 203.0.113.9 || fail "events without a node"
./cm reset --all --yes >/dev/null || fail "reset"
unset CYPHER_DATA_DIR

# Ends by itself as soon as the time is up; fails unless both nodes verified an event.
./cm demo --seconds 15 | tail -1
echo "smoke: passed"
