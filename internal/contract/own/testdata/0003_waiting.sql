-- Rows whose parent was not here when they were written: which column is to keep
-- the parent's local key once it is.
CREATE TABLE synced_waiting (
	model       text NOT NULL,
	scope_type  text NOT NULL,
	scope_id    text NOT NULL,
	column_name text NOT NULL,
	remote_id   text NOT NULL,
	parent_id   text NOT NULL,
	PRIMARY KEY (model, scope_type, scope_id, column_name, remote_id)
);
CREATE INDEX synced_waiting_parent ON synced_waiting (model, scope_type, scope_id, column_name, parent_id);
INSERT INTO synced_waiting VALUES ('photos', 'account_id', '7', 'house_id', '1', '5');
