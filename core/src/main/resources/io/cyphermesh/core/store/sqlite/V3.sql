-- How far each exporter has come.
CREATE TABLE export (
  owner TEXT NOT NULL PRIMARY KEY,
  seq INTEGER NOT NULL, -- of the last event delivered
  lost INTEGER NOT NULL -- events deleted before they could be delivered
) STRICT;
