-- A run's summary, kept beside its events so that the history lists without folding.
CREATE TABLE runs (
    id        TEXT PRIMARY KEY,
    question  TEXT NOT NULL,
    status    TEXT NOT NULL,              -- running, or the outcome
    started   INTEGER NOT NULL,           -- UTC microseconds
    seconds   REAL NOT NULL DEFAULT 0,
    strategy  TEXT NOT NULL,
    model     TEXT NOT NULL,
    sub_model TEXT NOT NULL,
    paths     TEXT NOT NULL,              -- JSON list
    answer    TEXT NOT NULL DEFAULT '',
    evidence  TEXT NOT NULL DEFAULT '[]', -- JSON list of citations
    usage     TEXT NOT NULL DEFAULT '{}', -- JSON
    error     TEXT NOT NULL DEFAULT '',
    hint      TEXT NOT NULL DEFAULT '',
    limit_hit TEXT NOT NULL DEFAULT '',
    turns     INTEGER NOT NULL DEFAULT 0,
    owner     TEXT NOT NULL               -- lock file of the engine that runs it
) STRICT;
CREATE INDEX runs_started ON runs (started);

CREATE TABLE events (
    run  TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    seq  INTEGER NOT NULL,
    body BLOB NOT NULL,                   -- JSON, see rlm_desktop/events
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE texts (
    hash   TEXT PRIMARY KEY,
    length INTEGER NOT NULL,              -- characters
    packed INTEGER NOT NULL,              -- 1 when body is deflated
    body   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Which run uses which text: deleting a run deletes the texts no other run uses.
CREATE TABLE run_texts (
    run  TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    hash TEXT NOT NULL REFERENCES texts (hash),
    PRIMARY KEY (run, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_texts_hash ON run_texts (hash);
