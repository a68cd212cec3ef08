-- A peer is a node or, on plain links of version 1, an IPv4 address: 32 bytes of node id, or 4 bytes of address.
-- address.origin is 0 operator, 1 learned, 2 LAN.
ALTER TABLE peer RENAME COLUMN node_id TO id;
