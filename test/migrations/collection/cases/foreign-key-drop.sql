-- safe: both tables are locked for a moment

--- schema
CREATE TABLE teams (id serial PRIMARY KEY, name text);
CREATE TABLE players (id serial PRIMARY KEY, team_id integer CONSTRAINT players_team REFERENCES teams (id), name text);
INSERT INTO teams (name) SELECT 'T' || i FROM generate_series(1, 50) AS i;
--- rows
INSERT INTO players (team_id, name) SELECT 1 + i % 50, 'P' FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '2s';
ALTER TABLE players DROP CONSTRAINT players_team;
--- old
SELECT p.name, t.name FROM players p JOIN teams t ON t.id = p.team_id WHERE p.id = 3;
INSERT INTO players (team_id, name) VALUES (2, 'Rookie');
DELETE FROM players WHERE id = 2;
