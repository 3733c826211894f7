-- SPDX-FileCopyrightText: 2026 The Hanshu authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- One row a run: the serialized api.Invocation beside what lists filter by. The sequence is the recorder's.
CREATE TABLE runs (
    sequence   INTEGER PRIMARY KEY,
    account    TEXT NOT NULL,
    function   TEXT NOT NULL,
    request_id TEXT NOT NULL,
    status     TEXT NOT NULL,
    bytes      BLOB NOT NULL
);
CREATE INDEX runs_function ON runs (account, function, sequence);
CREATE INDEX runs_request ON runs (request_id);

-- One row a log line. time: Unix time in microseconds.
CREATE TABLE lines (
    sequence   INTEGER PRIMARY KEY,
    account    TEXT    NOT NULL,
    function   TEXT    NOT NULL,
    request_id TEXT    NOT NULL,
    time       INTEGER NOT NULL,
    qualifier  TEXT    NOT NULL,
    instance   TEXT    NOT NULL,
    level      TEXT    NOT NULL,
    message    TEXT    NOT NULL
);
CREATE INDEX lines_function ON lines (account, function, sequence);
CREATE INDEX lines_request ON lines (request_id, sequence);
