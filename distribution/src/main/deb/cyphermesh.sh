#!/bin/sh
# For who may enter the data directory of the service, root and its user, the service's node is the one that is
# meant, unless another is named.
data=/var/lib/cyphermesh
program=/usr/lib/cyphermesh/bin/cyphermesh

if [ -n "${CYPHER_DATA_DIR:-}" ] || [ ! -x $data ]; then
  exec $program "$@"
fi
CYPHER_DATA_DIR=$data
: "${CYPHER_CONFIG:=/etc/cyphermesh/cyphermesh.conf}"
export CYPHER_DATA_DIR CYPHER_CONFIG
if [ "$(id -u)" = 0 ]; then
  # Nothing that root does there may become root's. What reads or writes files that root names stays root.
  case ${1:-} in
    run | add-peer | report | events | peers | status | health | check | reset)
      case " $* " in
        *" --data"*) ;;
        *) exec setpriv --reuid=cyphermesh --regid=cyphermesh --init-groups -- $program "$@" ;;
      esac
      ;;
  esac
fi
exec $program "$@"
