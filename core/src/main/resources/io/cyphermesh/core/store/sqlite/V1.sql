-- "CYPM"
PRAGMA application_id = 1129926733;

-- The one row of what the store knows of itself. Written with each transaction that changes it, so that opening
-- needs no count and a sequence number is never given twice, also where the newest event was deleted.
CREATE TABLE state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  clean INTEGER NOT NULL,
  next_seq INTEGER NOT NULL,
  stored INTEGER NOT NULL,
  local INTEGER NOT NULL,
  bare INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, 1, 1, 0, 0, 0);

-- Times are milliseconds since 1970.
CREATE TABLE peer (
  ref INTEGER PRIMARY KEY,
  node_id BLOB NOT NULL UNIQUE,
  score INTEGER NOT NULL,
  banned INTEGER NOT NULL,
  blocked_until INTEGER,
  valid INTEGER NOT NULL,
  invalid INTEGER NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  key BLOB -- DER SubjectPublicKeyInfo, where known
) STRICT;
CREATE INDEX peer_last_seen ON peer (last_seen);
CREATE INDEX peer_shunned ON peer (ref) WHERE banned = 1 OR blocked_until IS NOT NULL;

CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  key BLOB NOT NULL, -- 32 bytes, no two the same
  reporter INTEGER NOT NULL, -- peer.ref
  deliverer INTEGER, -- peer.ref
  local INTEGER NOT NULL,
  time INTEGER NOT NULL,
  received INTEGER NOT NULL,
  timestamp TEXT, -- NULL where it is time in our own form
  source_ip TEXT NOT NULL,
  threat_type TEXT NOT NULL,
  severity TEXT NOT NULL,
  claimed BLOB, -- the id that a bare event came with; NULL for all others
  signature BLOB NOT NULL,
  tlp TEXT, -- details.tlp as written
  retracts INTEGER NOT NULL, -- whether details.retracts is there
  details TEXT -- canonical JSON
) STRICT;
-- Keys are random, so each insert writes to a page of this index that no other does: a third of the size is a third
-- of the writing. The one writer sees to it that no key is stored twice.
CREATE INDEX event_key ON event (substr(key, 1, 8));
-- For retention.
CREATE INDEX event_time ON event (time);
-- For the size limit.
CREATE INDEX event_reporter ON event (reporter) WHERE local = 0;

CREATE TABLE checkpoint (
  owner TEXT NOT NULL PRIMARY KEY,
  state BLOB NOT NULL
) STRICT;

CREATE TABLE address (
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  origin INTEGER NOT NULL, -- 0 operator, 1 learned
  node_id BLOB,
  last_success INTEGER,
  PRIMARY KEY (host, port)
) STRICT, WITHOUT ROWID;
