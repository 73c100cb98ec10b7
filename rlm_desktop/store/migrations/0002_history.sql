ALTER TABLE runs ADD COLUMN title TEXT NOT NULL DEFAULT '';        -- the person's own name for it
ALTER TABLE runs ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;     -- 1 keeps it at the top of the list
ALTER TABLE runs ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;    -- UTC microseconds; 0 is not in the trash
ALTER TABLE runs ADD COLUMN session TEXT NOT NULL DEFAULT '';      -- id of the session's first run
ALTER TABLE runs ADD COLUMN parent_run TEXT NOT NULL DEFAULT '';   -- the run this one follows up or forks
ALTER TABLE runs ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;    -- 1 once its answer, code and outputs are
UPDATE runs SET session = id;
CREATE INDEX runs_listed ON runs (deleted, pinned, started, id);
CREATE INDEX runs_session ON runs (session);
CREATE INDEX runs_unindexed ON runs (status) WHERE indexed = 0;

-- What full-text search looks through: each text of a run once.
CREATE TABLE search_parts (
    id   INTEGER PRIMARY KEY,
    run  TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    part TEXT NOT NULL,                   -- question, title, answer, code or output
    hash TEXT NOT NULL DEFAULT '',        -- of code and outputs
    span INTEGER NOT NULL DEFAULT 0,      -- the first row of the tree that has it
    UNIQUE (run, part, hash)
) STRICT;

-- The index keeps no copy of a text: it reads them here, unpacked and capped by the program's own function.
CREATE VIEW search_texts AS
SELECT
    part.id AS id,
    CASE part.part
        WHEN 'question' THEN searchable(0, run.question)
        WHEN 'title' THEN searchable(0, run.title)
        WHEN 'answer' THEN searchable(0, run.answer)
        ELSE searchable(kept.packed, kept.body)
    END AS text
FROM search_parts AS part
JOIN runs AS run ON run.id = part.run
LEFT JOIN texts AS kept ON kept.hash = part.hash;

-- unicode61 takes an underscore for a space: `find_all` is found by its parts and, as a phrase, whole.
CREATE VIRTUAL TABLE search USING fts5 (
    text,
    content = 'search_texts',
    content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO search_parts (run, part) SELECT id, 'question' FROM runs;
INSERT INTO search (rowid, text) SELECT id, text FROM search_texts;
