-- SPDX-FileCopyrightText: 2026 The Hanshu authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Buckets, their objects, and uploads in parts. Times are Unix microseconds. Keys are UTF-8 and compare by their bytes,
-- which is the order in which S3 lists them.

CREATE TABLE bucket (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  folder TEXT NOT NULL UNIQUE,  -- opaque: sandboxes see it in their mount table
  created INTEGER NOT NULL,
  objects INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  UNIQUE (account, name)
) STRICT;

CREATE TABLE object (
  bucket INTEGER NOT NULL REFERENCES bucket (id),
  key TEXT NOT NULL,
  version TEXT NOT NULL,  -- of the bytes: names their file unless that has its natural path
  place INTEGER NOT NULL,  -- 0: incoming, 1: natural path, 2: escaped
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  modified INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  metadata TEXT NOT NULL,  -- a JSON object of strings
  upload TEXT NOT NULL,  -- the upload in parts that made it, or empty
  PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;

-- What start-up must look at: files that have not reached their place for certain, and the escaped ones.
CREATE INDEX object_astray ON object (place, version) WHERE place <> 1;

-- Natural paths of removed objects whose files may still be there.
CREATE TABLE object_trash (
  bucket INTEGER NOT NULL,
  key TEXT NOT NULL,
  version TEXT NOT NULL,  -- that was removed: a later removal of the same key is another row
  PRIMARY KEY (bucket, key, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE multipart (
  id TEXT PRIMARY KEY,
  bucket INTEGER NOT NULL REFERENCES bucket (id),
  key TEXT NOT NULL,
  started INTEGER NOT NULL,
  principal TEXT NOT NULL,
  content_type TEXT NOT NULL,
  metadata TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX multipart_by_key ON multipart (bucket, key, id);

CREATE TABLE part (
  upload TEXT NOT NULL REFERENCES multipart (id),
  number INTEGER NOT NULL,
  version TEXT NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  modified INTEGER NOT NULL,
  PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;
