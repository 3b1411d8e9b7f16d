-- Orders are to be found by phone number. The index is built beside reads and writes, so outside of a transaction.
CREATE INDEX CONCURRENTLY orders_phone ON orders (regexp_replace(regexp_replace(phone, '\D', '', 'g'), '^49', '0'));
