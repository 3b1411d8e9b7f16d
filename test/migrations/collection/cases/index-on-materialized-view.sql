-- safe: nobody writes to a materialized view but its refresh, and readers do not wait
-- holdout

--- schema
CREATE TABLE sales (id serial PRIMARY KEY, product integer NOT NULL, cents integer NOT NULL);
CREATE MATERIALIZED VIEW sales_by_product AS SELECT product, sum(cents) AS cents FROM sales GROUP BY product;
--- rows
INSERT INTO sales (product, cents) SELECT i, i % 700 FROM generate_series(1, :rows) AS i;
REFRESH MATERIALIZED VIEW sales_by_product;
--- up
CREATE UNIQUE INDEX sales_by_product_key ON sales_by_product (product);
--- old
SELECT product, cents FROM sales_by_product LIMIT 10;
SELECT cents FROM sales WHERE id = 5;
INSERT INTO sales (product, cents) VALUES (12, 990);
