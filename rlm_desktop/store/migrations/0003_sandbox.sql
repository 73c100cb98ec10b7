ALTER TABLE runs ADD COLUMN sandbox TEXT NOT NULL DEFAULT '';      -- how far its code was confined: full, partial or none
UPDATE runs SET sandbox = ifnull(
    (SELECT json_extract(CAST(body AS TEXT), '$.sandbox') FROM events WHERE run = runs.id AND seq = 1), ''
);
