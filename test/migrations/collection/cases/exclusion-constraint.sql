-- unsafe: the constraint builds a GiST index while everybody waits
-- rows: 60000

--- schema
CREATE TABLE bookings (id serial PRIMARY KEY, during tsrange NOT NULL, guest text);
--- rows
INSERT INTO bookings (during, guest)
SELECT tsrange(timestamp '2000-01-01' + i * interval '1 day', timestamp '2000-01-01' + i * interval '1 day' + interval '20 hours'), 'G'
FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE bookings ADD CONSTRAINT bookings_no_overlap EXCLUDE USING gist (during WITH &&);
--- old
SELECT guest FROM bookings WHERE id = 5;
INSERT INTO bookings (during, guest) VALUES ('[1990-01-01,1990-01-02)', 'Early');
