-- Whether a ban is the operator's word, whatever the score is. Those of before are by scores.
ALTER TABLE peer ADD COLUMN by_operator INTEGER NOT NULL DEFAULT 0;

-- How scores went. One row a peer and slot of 15 minutes in which its score changed, for 7 days.
CREATE TABLE score (
  peer INTEGER NOT NULL, -- peer.ref
  slot INTEGER NOT NULL, -- when it began, in milliseconds since 1970
  score INTEGER NOT NULL, -- at its end; in a peer's last row maybe an older one, since peer.score says it
  PRIMARY KEY (peer, slot)
) STRICT, WITHOUT ROWID;
