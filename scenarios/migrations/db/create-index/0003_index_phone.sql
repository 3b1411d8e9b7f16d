-- Orders are to be found by phone number. The index is built while writes of the table are locked out.
SET lock_timeout = '100ms';
CREATE INDEX orders_phone ON orders (regexp_replace(regexp_replace(phone, '\D', '', 'g'), '^49', '0'));
