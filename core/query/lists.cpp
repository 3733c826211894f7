// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/lists.h"

namespace hanshu::query {

const Schema& logSchema() {
    static const Schema schema({
        {.name = "time", .kind = FieldKind::Time},
        {.name = "level",
         .kind = FieldKind::Enumeration,
         .choices = {{"none"},
                     {"trace"},
                     {"debug"},
                     {"info"},
                     {"warn", {"warning"}},
                     {"error", {"err"}},
                     {"fatal", {"critical"}}},
         .ordered = true},
        {.name = "function"},
        {.name = "qualifier"},
        {.name = "instance"},
        {.name = "request", .aliases = {"requestId"}},
        {.name = "stream",
         .kind = FieldKind::Enumeration,
         .choices = {{"stdout", {"output"}}, {"stderr"}, {"logger"}, {"platform"}}},
        {.name = "message", .kind = FieldKind::Text, .searched = true},
    });
    return schema;
}

const Schema& runSchema() {
    static const Schema schema({
        {.name = "time", .kind = FieldKind::Time, .aliases = {"started"}},
        {.name = "status",
         .kind = FieldKind::Enumeration,
         .choices = {{"Succeeded", {"ok", "success"}},
                     {"FunctionError", {"error"}},
                     {"Timeout"},
                     {"OutOfMemory", {"oom"}},
                     {"Exited"},
                     {"Throttled"},
                     {"Denied"},
                     {"Disabled"},
                     {"PlatformError"},
                     {"Canceled", {"cancelled"}}}},
        {.name = "failed", .kind = FieldKind::Boolean},
        {.name = "function"},
        {.name = "qualifier"},
        {.name = "version"},
        {.name = "instance"},
        {.name = "request", .aliases = {"requestId"}},
        {.name = "type", .kind = FieldKind::Enumeration, .choices = {{"Sync"}, {"Async"}}},
        {.name = "source",
         .kind = FieldKind::Enumeration,
         .choices = {{"api"}, {"http"}, {"timer"}, {"oss", {"object"}}, {"async"}}},
        {.name = "trigger"},
        {.name = "cold", .kind = FieldKind::Boolean},
        {.name = "duration", .kind = FieldKind::Duration},
        {.name = "queue", .kind = FieldKind::Duration},
        {.name = "start", .kind = FieldKind::Duration},
        {.name = "memory", .kind = FieldKind::Bytes},
        {.name = "billed", .kind = FieldKind::Duration},
        {.name = "attempt", .kind = FieldKind::Number},
        {.name = "error", .searched = true},
        {.name = "message", .kind = FieldKind::Text, .searched = true},
    });
    return schema;
}

}  // namespace hanshu::query
