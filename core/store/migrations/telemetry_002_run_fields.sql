-- SPDX-FileCopyrightText: 2026 The Hanshu authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Lines moved to files of their own (the folder logs). Runs got the fields that a filter may ask for; those that were
-- recorded before any release are not carried over.
DROP TABLE lines;
DROP TABLE runs;

-- One row a run: the serialized api.Invocation beside what filters ask for. The sequence is the recorder's. Times and
-- durations in microseconds; what a run does not have is NULL.
CREATE TABLE runs (
    sequence   INTEGER PRIMARY KEY,
    account    TEXT    NOT NULL,
    time       INTEGER NOT NULL,
    status     TEXT    NOT NULL,
    function   TEXT    NOT NULL,
    qualifier  TEXT,
    version    TEXT,
    instance   TEXT,
    request_id TEXT    NOT NULL,
    type       TEXT,
    source     TEXT,
    trigger    TEXT,
    cold       INTEGER,
    duration   INTEGER,
    queue      INTEGER,
    start      INTEGER,
    memory     INTEGER,
    billed     INTEGER,
    attempt    INTEGER NOT NULL,
    error      TEXT,
    message    TEXT,
    bytes      BLOB    NOT NULL
);
CREATE INDEX runs_function ON runs (account, function, sequence);
CREATE INDEX runs_request ON runs (request_id);
