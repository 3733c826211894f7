// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/bucket_listing.h"

#include "store/object_index.h"

namespace hanshu::objects {

std::string_view commonPrefix(std::string_view key, std::string_view prefix, std::string_view delimiter) noexcept {
    if (delimiter.empty()) {
        return {};
    }
    const auto end = key.find(delimiter, prefix.size());
    return end == std::string_view::npos ? std::string_view{} : key.substr(0, end + delimiter.size());
}

Result<Listing> listObjects(store::Connection& connection, std::int64_t bucket, const ListQuery& query) {
    Listing listing;
    if (query.limit <= 0) {
        return listing;
    }
    store::ObjectIndex index(connection);
    std::string from = query.startAfter;
    bool inclusive = false;
    int count = 0;
    std::string last;
    // A page that ended at a rolled-up prefix goes on after all that it stands for.
    if (!query.delimiter.empty() && from.ends_with(query.delimiter) && from.size() > query.prefix.size() &&
        from.starts_with(query.prefix)) {
        from = store::afterPrefix(from);
        inclusive = true;
    }
    for (bool jumped = true; jumped;) {
        jumped = false;
        HANSHU_TRY(index.scan(bucket, query.prefix, from, inclusive, [&](store::ObjectRow& row) {
            if (count == query.limit) {
                listing.next = last;
                return false;
            }
            ++count;
            const auto rolled = commonPrefix(row.key, query.prefix, query.delimiter);
            if (!rolled.empty()) {
                last = rolled;
                listing.commonPrefixes.push_back(last);
                from = store::afterPrefix(rolled);
                inclusive = jumped = true;
                return false;
            }
            last = row.key;
            listing.objects.push_back({std::move(row.key),
                                       static_cast<std::uint64_t>(row.size),
                                       std::move(row.etag),
                                       row.modified,
                                       std::move(row.contentType),
                                       {}});
            return true;
        }));
    }
    return listing;
}

}  // namespace hanshu::objects
