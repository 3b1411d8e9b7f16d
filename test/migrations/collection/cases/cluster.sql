-- unsafe: the table is written anew in another order while everybody waits

--- schema
CREATE TABLE chats (id serial PRIMARY KEY, room integer NOT NULL, line text);
CREATE INDEX chats_room ON chats (room);
--- rows
INSERT INTO chats (room, line) SELECT (i * 919) % 100, 'hi' FROM generate_series(1, :rows) AS i;
--- up
CLUSTER chats USING chats_room;
--- old
SELECT line FROM chats WHERE id = 5;
INSERT INTO chats (room, line) VALUES (4, 'bye');
