-- safe: an empty cache is a working cache

--- schema
CREATE TABLE page_cache (url text PRIMARY KEY, html text NOT NULL);
CREATE TABLE pages (id serial PRIMARY KEY, url text NOT NULL);
--- rows
INSERT INTO pages (url) SELECT '/' || i FROM generate_series(1, :rows) AS i;
INSERT INTO page_cache SELECT '/' || i, '<html>' FROM generate_series(1, :rows) AS i;
--- up
SET lock_timeout = '1s';
TRUNCATE page_cache;
--- old
SELECT html FROM page_cache WHERE url = '/4';
INSERT INTO page_cache (url, html) VALUES ('/4', '<p>') ON CONFLICT (url) DO UPDATE SET html = excluded.html;
SELECT url FROM pages WHERE id = 4;
