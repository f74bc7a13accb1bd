-- The newest of the keys by which events are recognised, in the order of arrival, before they are
-- sorted into the table seen_N that is filled.
CREATE TABLE seen_newest (key BLOB NOT NULL) STRICT;
