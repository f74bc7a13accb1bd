-- Each row holds all the keys of one commit, one after the other; one of version 2 holds one.
ALTER TABLE seen_newest RENAME COLUMN key TO keys;
