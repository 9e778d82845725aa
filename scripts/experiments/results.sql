CREATE TABLE indexes (
    index_id INTEGER PRIMARY KEY,
    sources TEXT NOT NULL,              -- 'basic+comments', sorted
    tokenisation TEXT NOT NULL,
    attribution INTEGER NOT NULL CHECK (attribution IN (0, 1)),
    documents INTEGER NOT NULL,
    vocabulary INTEGER NOT NULL,        -- different terms; of passages: dimensions
    postings INTEGER NOT NULL,          -- pairs of a term and a document that has it; passages
    size_bytes INTEGER NOT NULL         -- as a matrix (of terms: a sparse one), 32 bits a number
) STRICT;

CREATE TABLE experiments (
    experiment_id INTEGER PRIMARY KEY,
    index_id INTEGER REFERENCES indexes (index_id),     -- null: a fusion, or a system
    term_weighting TEXT NOT NULL,
    collection_weighting TEXT NOT NULL,
    normalisation TEXT NOT NULL,
    expansion TEXT NOT NULL,
    fusion TEXT NOT NULL,
    dense TEXT NOT NULL,
    parts TEXT,                         -- of a fusion: JSON, the names of what it fuses
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE queries (
    query_key TEXT PRIMARY KEY,
    collection TEXT NOT NULL,           -- 'human', or how they were generated
    text TEXT NOT NULL,
    target TEXT NOT NULL,               -- the id of the TikTok that was meant
    author TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE judgements (                -- the relevant TikToks of the corpus
    query_key TEXT NOT NULL REFERENCES queries (query_key),
    id TEXT NOT NULL,
    grade INTEGER NOT NULL CHECK (grade >= 1),          -- more is better
    PRIMARY KEY (query_key, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE query_tags (
    query_key TEXT NOT NULL REFERENCES queries (query_key),
    tag TEXT NOT NULL,
    PRIMARY KEY (query_key, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE ranking_results (
    experiment_id INTEGER NOT NULL REFERENCES experiments (experiment_id),
    query_key TEXT NOT NULL REFERENCES queries (query_key),
    rank INTEGER CHECK (rank >= 1),     -- of the first relevant TikTok; null: not found
    score REAL NOT NULL,                -- of this TikTok
    average_precision REAL NOT NULL,    -- of all relevant TikToks
    ndcg REAL NOT NULL,                 -- of the ten best, with the grade as the gain
    top TEXT NOT NULL,                  -- JSON: the ids of the ten best
    PRIMARY KEY (experiment_id, query_key)
) STRICT, WITHOUT ROWID;
