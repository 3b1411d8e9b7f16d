-- unsafe: the old release does not fill the column
-- holdout

--- schema
CREATE TABLE parcels (id serial PRIMARY KEY, address text NOT NULL, country text);
--- rows
INSERT INTO parcels (address, country) SELECT 'Street ' || i, 'AT' FROM generate_series(1, :rows) AS i;
--- up
UPDATE parcels SET country = 'AT' WHERE country IS NULL;
ALTER TABLE parcels ADD CONSTRAINT parcels_country_set CHECK (country IS NOT NULL) NOT VALID;
ALTER TABLE parcels VALIDATE CONSTRAINT parcels_country_set;
ALTER TABLE parcels ALTER COLUMN country SET NOT NULL;
ALTER TABLE parcels DROP CONSTRAINT parcels_country_set;
--- old
SELECT address FROM parcels WHERE id = 3;
INSERT INTO parcels (address) VALUES ('Ring 1');
