CREATE TABLE items (
  sku text PRIMARY KEY,
  name text NOT NULL
);

INSERT INTO items (sku, name) VALUES ('A1', 'A kettle'), ('B2', 'A cup');
