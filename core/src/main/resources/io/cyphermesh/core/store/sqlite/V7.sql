-- When an indicator was first and last seen: the least and the greatest time of its events.
-- Of an indicator's events their times too, so that its next edge is found beside what was deleted. This sorts all rows of
-- search once; what comes after it then goes along both tables.
DROP INDEX search_indicator;
CREATE INDEX search_indicator ON search (indicator, seq, time);
ALTER TABLE indicator ADD COLUMN first_time INTEGER NOT NULL DEFAULT 0;
ALTER TABLE indicator ADD COLUMN last_time INTEGER NOT NULL DEFAULT 0;
UPDATE indicator SET (first_time, last_time) = (SELECT min(time), max(time) FROM search INDEXED BY search_indicator
  WHERE indicator = ref) WHERE EXISTS (SELECT 1 FROM search INDEXED BY search_indicator WHERE indicator = ref);
-- With the names, among which a text is sought in this order.
CREATE INDEX indicator_last_time ON indicator (last_time, ref, name);
