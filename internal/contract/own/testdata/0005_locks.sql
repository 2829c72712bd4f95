-- Locks by name. The token grows with each holder. A lock that is a lease has the
-- milliseconds since 1970 at which it expires and those that it is renewed for;
-- both are null when it is free, or held by a session of the database. The holder
-- is the last one.
CREATE TABLE synced_locks (
	name    text NOT NULL PRIMARY KEY,
	token   bigint NOT NULL,
	holder  text NOT NULL,
	expires bigint,
	ttl     bigint
);
INSERT INTO synced_locks VALUES ('a', 3, 'somebody', NULL, NULL);
