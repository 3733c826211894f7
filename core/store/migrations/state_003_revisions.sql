-- SPDX-FileCopyrightText: 2026 The Hanshu authors
-- SPDX-License-Identifier: GPL-3.0-or-later

-- The highest revision of any resource that was removed. A new resource starts above it, so that nobody takes it for an
-- older one of the same name.
CREATE TABLE removed_revision (
    value INTEGER NOT NULL
);
INSERT INTO removed_revision (value) SELECT ifnull(max(revision), 0) FROM resources;
