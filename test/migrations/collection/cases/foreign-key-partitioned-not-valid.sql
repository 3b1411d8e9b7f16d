-- unsafe on 15: NOT VALID is refused for a partitioned table before 18
-- safe on 18: it holds for new rows at once, and VALIDATE lets writes pass
-- holdout

--- schema
CREATE TABLE shops (id integer PRIMARY KEY, name text);
CREATE TABLE receipts (shop_id integer NOT NULL, day date NOT NULL, cents integer) PARTITION BY RANGE (day);
CREATE TABLE receipts_q1 PARTITION OF receipts FOR VALUES FROM ('2025-01-01') TO ('2025-04-01');
CREATE TABLE receipts_q2 PARTITION OF receipts FOR VALUES FROM ('2025-04-01') TO ('2025-07-01');
--- rows
INSERT INTO shops SELECT i, 'S' || i FROM generate_series(1, 3000) AS i;
INSERT INTO receipts SELECT 1 + i % 3000, date '2025-01-01' + i % 180, 5 FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE receipts ADD CONSTRAINT receipts_shop FOREIGN KEY (shop_id) REFERENCES shops (id) NOT VALID;
ALTER TABLE receipts VALIDATE CONSTRAINT receipts_shop;
--- old
SELECT name FROM shops WHERE id = 9;
INSERT INTO receipts (shop_id, day, cents) VALUES (9, '2025-05-01', 120);
UPDATE shops SET name = 'Corner' WHERE id = 9;
