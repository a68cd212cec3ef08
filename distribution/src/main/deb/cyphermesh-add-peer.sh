#!/bin/sh
# cyphermesh add-peer, as a program of its own.
exec /usr/bin/cyphermesh add-peer "$@"
