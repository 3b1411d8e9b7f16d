-- safe: the index first, then NOT VALID, then VALIDATE, each for itself

--- schema
CREATE TABLE owners (id integer PRIMARY KEY, name text);
CREATE TABLE pets (id serial PRIMARY KEY, owner_id integer, name text);
--- rows
INSERT INTO owners SELECT i, 'O' || i FROM generate_series(1, 2000) AS i;
INSERT INTO pets (owner_id, name) SELECT 1 + i % 2000, 'P' FROM generate_series(1, :rows) AS i;
--- up
CREATE INDEX CONCURRENTLY pets_owner ON pets (owner_id);
SET lock_timeout = '2s';
ALTER TABLE pets ADD CONSTRAINT pets_owner FOREIGN KEY (owner_id) REFERENCES owners ON DELETE SET NULL NOT VALID;
RESET lock_timeout;
ALTER TABLE pets VALIDATE CONSTRAINT pets_owner;
--- old
SELECT p.name, o.name AS owner FROM pets p LEFT JOIN owners o ON o.id = p.owner_id WHERE p.id = 4;
INSERT INTO pets (owner_id, name) VALUES (3, 'Rex');
UPDATE owners SET name = 'X' WHERE id = 4;
