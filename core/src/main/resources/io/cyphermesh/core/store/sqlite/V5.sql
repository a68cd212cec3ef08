-- What searches, indicators and statistics are read from. All of it follows from the table event; the writer keeps it true
-- in the same transaction, at deletions too. Rows are narrow, so that a search reads little of the disk.

-- The texts that events have in common, by number.
CREATE TABLE term (
  ref INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL, -- 0 threat type, 1 detector
  text TEXT NOT NULL, -- its first 200 characters
  events INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX term_text ON term (kind, text);

-- One row an observable that an event of the store names.
CREATE TABLE indicator (
  ref INTEGER PRIMARY KEY,
  name BLOB NOT NULL, -- 4 and 4 bytes of IPv4, 6 and 16 bytes of IPv6, 0 and any other text, 1 and what stands for a long one
  events INTEGER NOT NULL,
  low INTEGER NOT NULL, -- of these
  medium INTEGER NOT NULL,
  high INTEGER NOT NULL,
  critical INTEGER NOT NULL,
  reporters INTEGER NOT NULL,
  severity INTEGER NOT NULL -- the highest: 0 unknown, 1 low to 4 critical
) STRICT;
CREATE UNIQUE INDEX indicator_name ON indicator (name);
-- The many that few events name would each move in it at every event.
CREATE INDEX indicator_events ON indicator (events) WHERE events >= 10;
CREATE INDEX indicator_reporters ON indicator (reporters);
CREATE INDEX indicator_severity ON indicator (severity);

-- One row an event. Each index ends with seq, so that the newest of a kind are found without sorting.
CREATE TABLE search (
  seq INTEGER PRIMARY KEY,
  indicator INTEGER NOT NULL,
  type INTEGER NOT NULL, -- term.ref
  severity INTEGER NOT NULL,
  reporter INTEGER NOT NULL, -- peer.ref
  detector INTEGER, -- term.ref
  tlp INTEGER NOT NULL, -- 0 clear, 1 green, 2 amber, 3 red, 4 any other term
  local INTEGER NOT NULL,
  time INTEGER NOT NULL
) STRICT;
CREATE INDEX search_indicator ON search (indicator);
CREATE INDEX search_type ON search (type);
CREATE INDEX search_reporter ON search (reporter, local);
CREATE INDEX search_detector ON search (detector) WHERE detector IS NOT NULL;
CREATE INDEX search_local ON search (local) WHERE local = 1;
-- The one above finds the same.
DROP INDEX event_reporter;

-- Who reported an indicator, and how often.
CREATE TABLE sighting (
  indicator INTEGER NOT NULL,
  reporter INTEGER NOT NULL,
  events INTEGER NOT NULL,
  PRIMARY KEY (indicator, reporter)
) STRICT, WITHOUT ROWID;

-- Events by the minute of their own time. All their numbers are from first_seq to last_seq.
CREATE TABLE minute (
  minute INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  events INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  PRIMARY KEY (minute, severity)
) STRICT, WITHOUT ROWID;

-- There while events of an older schema are still to be taken in: those beyond seq.
CREATE TABLE unindexed (seq INTEGER NOT NULL) STRICT;
INSERT INTO unindexed SELECT 0 WHERE EXISTS (SELECT 1 FROM event);
