// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/commands.h"
#include "cli/table.h"
#include "cli/text.h"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace hanshu::cli {
namespace {

struct NameOptions {
    std::string name;
};

Result<Exit> create(Session& session, const NameOptions& options) {
    api::NameRequest request;
    request.set_name(options.name);
    auto bucket = session.call(*session.buckets, &api::BucketService::Stub::CreateBucket, request);
    if (!bucket) {
        return fail(std::move(bucket.error()));
    }
    if (session.json()) {
        session.printJson(*bucket);
    }
    session.say(fmt::format("Created bucket {}.", options.name));
    return Exit::Ok;
}

Result<Exit> remove(Session& session, const NameOptions& options) {
    api::NameRequest request;
    request.set_name(options.name);
    auto done = session.call(*session.buckets, &api::BucketService::Stub::DeleteBucket, request);
    if (!done) {
        return fail(std::move(done.error()));
    }
    session.done(fmt::format("Deleted bucket {}.", options.name), {{"bucketName", options.name}, {"deleted", true}});
    return Exit::Ok;
}

Result<Exit> list(Session& session, const NameOptions& /*options*/) {
    auto all = listAll<api::Bucket>(session, *session.buckets, &api::BucketService::Stub::ListBuckets,
                                    api::ListRequest(), 0, 100, [](auto& page) { return page.mutable_buckets(); });
    if (!all) {
        return fail(std::move(all.error()));
    }
    if (session.json()) {
        session.printJsonList(*all);
        return Exit::Ok;
    }
    Table table({{"NAME"}, {"OBJECTS", Align::Right}, {"SIZE", Align::Right}, {"CREATED"}});
    for (const auto& bucket : *all) {
        table.add({bucket.bucket_name(), fmt::format("{:.0f}", bucket.object_count()), formatSize(bucket.size()),
                   formatWhen(bucket.created_time(), session.now())});
    }
    if (table.empty()) {
        session.say("No buckets. Make one: hanshu bucket create NAME");
    }
    table.print(session.terminal.out);
    return Exit::Ok;
}

}  // namespace

void addBucketCommands(CLI::App& app, Command& chosen) {
    auto& group = *app.add_subcommand("bucket", "Buckets")->require_subcommand(1);
    auto created = std::make_shared<NameOptions>();
    auto* creates = group.add_subcommand("create", "Make a bucket");
    creates->add_option("name", created->name, "3 to 63 of a-z 0-9 -")->required();
    runs(creates, chosen, created, create);
    runs(group.add_subcommand("list", "All buckets"), chosen, std::make_shared<NameOptions>(), list);
    auto removed = std::make_shared<NameOptions>();
    auto* removes = group.add_subcommand("delete", "Delete an empty bucket");
    removes->add_option("name", removed->name, "The bucket")->required()->type_name(kBucketName);
    runs(removes, chosen, removed, remove);
}

}  // namespace hanshu::cli
