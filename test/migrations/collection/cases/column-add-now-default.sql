-- safe: now() is computed once

--- schema
CREATE TABLE audit (id bigserial PRIMARY KEY, who text, what text);
--- rows
INSERT INTO audit (who, what) SELECT 'root', 'login' FROM generate_series(1, :rows) AS i;
--- up
ALTER TABLE audit ADD COLUMN recorded_at timestamptz DEFAULT CURRENT_TIMESTAMP;
--- old
SELECT who, what FROM audit WHERE id = 4;
INSERT INTO audit (who, what) VALUES ('me', 'logout') RETURNING id;
