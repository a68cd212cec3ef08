-- The detectors of events whose details name them as nodes write them, {"plugin", "rule"}: only texts were taken in before.
-- There while events of an older schema are still to be looked at: those beyond seq, up to last.
CREATE TABLE undetected (seq INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
INSERT INTO undetected SELECT 0, last FROM (SELECT max(seq) AS last FROM search) WHERE last IS NOT NULL;
