-- The address book. address.origin is 0 operator, 1 learned, 2 LAN, 3 DNS.
ALTER TABLE address ADD COLUMN tried INTEGER NOT NULL DEFAULT 0; -- whether a link ever came up there
ALTER TABLE address ADD COLUMN anchor INTEGER NOT NULL DEFAULT 0; -- whether it is dialled first
ALTER TABLE address ADD COLUMN failures INTEGER NOT NULL DEFAULT 0; -- dials that failed while others were reached
ALTER TABLE address ADD COLUMN source TEXT; -- the network of whoever told of it
-- What the node there says of itself, all three or none; host and port are what it signed.
ALTER TABLE address ADD COLUMN seq INTEGER;
ALTER TABLE address ADD COLUMN key BLOB; -- DER SubjectPublicKeyInfo, 294 bytes
ALTER TABLE address ADD COLUMN signature BLOB; -- 256 bytes
UPDATE address SET tried = 1 WHERE last_success IS NOT NULL;
