-- SPDX-FileCopyrightText: 2026 The Hanshu authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- A resource is the serialized message of the schema beside its key.
CREATE TABLE resources (
    account  TEXT    NOT NULL,
    kind     INTEGER NOT NULL,
    parent   TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    bytes    BLOB    NOT NULL,
    PRIMARY KEY (account, kind, parent, name)
) WITHOUT ROWID;

-- Functions that ever had an event, under a small number that rows and index entries carry instead of the names.
CREATE TABLE event_functions (
    fn      INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    name    TEXT NOT NULL,
    UNIQUE (account, name)
);

-- Events that wait or run. Small rows apart from the payload, because a claim and a retry rewrite them.
-- state: 0 enqueued, 1 running, 2 retrying. due: when it may be claimed; of a running event, when its lease ends.
-- Times are Unix time in microseconds.
CREATE TABLE events (
    id            TEXT    NOT NULL PRIMARY KEY,
    fn            INTEGER NOT NULL,
    state         INTEGER NOT NULL,
    due           INTEGER NOT NULL,
    epoch         INTEGER NOT NULL,
    attempts      INTEGER NOT NULL,
    max_attempts  INTEGER NOT NULL,
    enqueued      INTEGER NOT NULL,
    payload       INTEGER NOT NULL,
    payload_bytes INTEGER NOT NULL,
    request_id    TEXT    NOT NULL,
    qualifier     TEXT    NOT NULL,
    source        TEXT    NOT NULL,
    source_arn    TEXT    NOT NULL,
    trigger_name  TEXT    NOT NULL,
    task          TEXT    NOT NULL,
    reason        TEXT    NOT NULL
) WITHOUT ROWID;
-- The only index: claims, readiness by function, and (with the state) counts come from it alone.
CREATE INDEX events_due ON events (fn, due, state);

CREATE TABLE event_payloads (
    payload INTEGER PRIMARY KEY,
    bytes   BLOB NOT NULL
);

-- Task ids that are taken, as long as their event is known.
CREATE TABLE event_tasks (
    fn   INTEGER NOT NULL,
    task TEXT    NOT NULL,
    id   TEXT    NOT NULL,
    PRIMARY KEY (fn, task)
) WITHOUT ROWID;

-- Events that ended. state: 3 succeeded (the newest of an account are kept), 4 dead letter (kept, with its payload).
CREATE TABLE events_ended (
    account       TEXT    NOT NULL,
    state         INTEGER NOT NULL,
    id            TEXT    NOT NULL,
    fn            INTEGER NOT NULL,
    attempts      INTEGER NOT NULL,
    max_attempts  INTEGER NOT NULL,
    enqueued      INTEGER NOT NULL,
    ended         INTEGER NOT NULL,
    payload       INTEGER,
    payload_bytes INTEGER NOT NULL,
    request_id    TEXT    NOT NULL,
    qualifier     TEXT    NOT NULL,
    source        TEXT    NOT NULL,
    source_arn    TEXT    NOT NULL,
    trigger_name  TEXT    NOT NULL,
    task          TEXT    NOT NULL,
    reason        TEXT    NOT NULL,
    PRIMARY KEY (account, state, id)
) WITHOUT ROWID;
