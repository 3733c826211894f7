// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/encoding.h"
#include "base/unique_fd.h"
#include "cli/commands.h"
#include "cli/object_file.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"

#include <fmt/format.h>
#include <boost/json.hpp>
#include <filesystem>

namespace hanshu::cli {
namespace {

constexpr std::size_t kPiece = 512 * 1024;

struct Place {
    std::string bucket;
    std::string key;
};

Result<Place> placeOf(const std::string& text) {
    std::string_view rest = text;
    for (const std::string_view scheme : {"oss://", "s3://"}) {
        rest.remove_prefix(rest.starts_with(scheme) ? scheme.size() : 0);
    }
    const auto slash = rest.find('/');
    if (rest.empty() || slash == 0) {
        return usage(fmt::format("'{}' is no object: give BUCKET/KEY", text));
    }
    return Place{std::string(rest.substr(0, slash)),
                 std::string(slash == std::string_view::npos ? "" : rest.substr(slash + 1))};
}

Result<Place> objectPlace(const std::string& text) {
    auto place = placeOf(text);
    if (place && place->key.empty()) {
        return usage(fmt::format("'{}' names no key: give BUCKET/KEY", text));
    }
    return place;
}

struct PutOptions {
    std::string file;
    std::string target;
    std::string contentType;
    std::vector<std::string> metadata;
};

Result<api::PutObjectRequest> putHead(const PutOptions& options) {
    auto place = placeOf(options.target);
    if (!place) {
        return fail(std::move(place.error()));
    }
    // As cp does it: a target that ends with / is a folder.
    if (place->key.empty() || place->key.ends_with('/')) {
        const auto name = std::filesystem::path(options.file).filename().string();
        if (options.file == "-" || name.empty()) {
            return usage("standard input has no name: give the whole BUCKET/KEY");
        }
        place->key += name;
    }
    // Its name comes from a path, which may have any bytes.
    if (!isUtf8(place->key)) {
        return usage(fmt::format("the key '{}' is not UTF-8: give a BUCKET/KEY that is", printable(place->key)));
    }
    api::PutObjectRequest head;
    head.set_bucket_name(place->bucket);
    head.set_key(place->key);
    head.set_content_type(options.contentType);
    for (const auto& pair : options.metadata) {
        const auto equals = pair.find('=');
        if (equals == 0 || equals == std::string::npos) {
            return usage(fmt::format("--metadata {}: give NAME=VALUE", pair));
        }
        (*head.mutable_metadata())[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return head;
}

Result<Exit> put(Session& session, const PutOptions& options) {
    auto piece = putHead(options);
    if (!piece) {
        return fail(std::move(piece.error()));
    }
    auto source = ObjectSource::open(options.file, session.terminal.in);
    if (!source) {
        return fail(std::move(source.error()));
    }
    const auto name = piece->bucket_name() + "/" + piece->key();
    grpc::ClientContext context;
    api::Object object;
    Progress progress(session.terminal.err, session.terminal.errIsTerminal && !session.json(), name);
    const auto writer = session.buckets->PutObject(&context, &object);
    std::uint64_t sent = 0;
    while (true) {
        auto count = source->read(*piece->mutable_data(), kPiece);
        if (!count) {
            context.TryCancel();
            static_cast<void>(writer->Finish());
            return fail(std::move(count.error()));
        }
        piece->set_last(*count == 0);
        if (!writer->Write(*piece) || *count == 0) {
            break;
        }
        sent += *count;
        progress.update(sent, source->size());
        piece->Clear();
    }
    writer->WritesDone();
    const auto status = writer->Finish();
    if (!status.ok()) {
        return fail(toError(status, context));
    }
    if (session.json()) {
        session.printJson(object);
    }
    session.say(fmt::format("Put {}  {}", printable(name), formatSize(object.size())));
    return Exit::Ok;
}

struct GetOptions {
    std::string source;
    std::string file;
};

Result<Exit> get(Session& session, const GetOptions& options) {
    auto place = objectPlace(options.source);
    if (!place) {
        return fail(std::move(place.error()));
    }
    api::ObjectRequest request;
    request.set_bucket_name(place->bucket);
    request.set_key(place->key);
    grpc::ClientContext context;
    const auto reader = session.buckets->GetObject(&context, request);
    api::ObjectChunk chunk;
    if (!reader->Read(&chunk)) {
        const auto status = reader->Finish();
        return fail(toError(status, context));
    }
    const auto object = chunk.object();
    auto target = ObjectTarget::open(options.file, place->key, session.terminal.out);
    const auto stop = [&](Error error) -> Result<Exit> {
        context.TryCancel();
        static_cast<void>(reader->Finish());
        return fail(std::move(error));
    };
    if (!target) {
        return stop(std::move(target.error()));
    }
    Progress progress(session.terminal.err, session.terminal.errIsTerminal && !session.json() && !target->isStream(),
                      options.source);
    std::uint64_t got = 0;
    while (reader->Read(&chunk)) {
        if (auto written = target->write(chunk.data()); !written) {
            return stop(std::move(written.error()));
        }
        got += chunk.data().size();
        progress.update(got, static_cast<std::uint64_t>(object.size()));
    }
    const auto status = reader->Finish();
    if (!status.ok()) {
        return fail(toError(status, context));
    }
    HANSHU_TRY(target->commit());
    if (!target->isStream()) {
        if (session.json()) {
            session.printJson(object);
        }
        session.say(fmt::format("Got {}  {}", printable(target->path()), formatSize(object.size())));
    }
    return Exit::Ok;
}

struct LsOptions {
    std::string place;
    bool recursive = false;
    std::size_t limit = 0;
};

struct Listed {
    std::vector<api::Object> objects;
    std::vector<std::string> prefixes;
};

Result<Listed> listObjects(Session& session, const Place& place, bool recursive, std::size_t limit) {
    api::ListObjectsRequest request;
    request.set_bucket_name(place.bucket);
    request.set_prefix(place.key);
    request.set_delimiter(recursive ? "" : "/");
    Listed listed;
    while (true) {
        const auto have = listed.objects.size() + listed.prefixes.size();
        request.set_limit(limit == 0 ? 1000 : static_cast<int>(std::min<std::size_t>(limit - have, 1000)));
        auto page = session.call(*session.buckets, &api::BucketService::Stub::ListObjects, request);
        if (!page) {
            return fail(std::move(page.error()));
        }
        for (auto& object : *page->mutable_objects()) {
            listed.objects.push_back(std::move(object));
        }
        for (auto& prefix : *page->mutable_common_prefixes()) {
            listed.prefixes.push_back(std::move(prefix));
        }
        const auto now = listed.objects.size() + listed.prefixes.size();
        if (page->next_token().empty() || (limit > 0 && now >= limit)) {
            return listed;
        }
        request.set_next_token(page->next_token());
    }
}

Result<Exit> ls(Session& session, const LsOptions& options) {
    auto place = placeOf(options.place);
    if (!place) {
        return fail(std::move(place.error()));
    }
    auto listed = listObjects(session, *place, options.recursive, options.limit);
    if (!listed) {
        return fail(std::move(listed.error()));
    }
    if (session.json()) {
        session.printJsonList(listed->objects);
        return Exit::Ok;
    }
    Table table({{"KEY"}, {"SIZE", Align::Right}, {"TYPE"}, {"CHANGED"}});
    for (const auto& prefix : listed->prefixes) {
        table.add({prefix});
    }
    for (const auto& object : listed->objects) {
        table.add({object.key(), formatSize(object.size()), object.content_type(),
                   formatWhen(object.last_modified(), session.now())});
    }
    if (table.empty()) {
        session.say("No objects there.");
    }
    table.print(session.terminal.out);
    return Exit::Ok;
}

struct RmOptions {
    std::string place;
    bool recursive = false;
};

Result<bool> isThere(Session& session, const Place& place) {
    api::ListObjectsRequest request;
    request.set_bucket_name(place.bucket);
    request.set_prefix(place.key);
    request.set_limit(1);
    const auto page = session.call(*session.buckets, &api::BucketService::Stub::ListObjects, request);
    if (!page) {
        return fail(page.error());
    }
    // The key itself is the first of those that begin with it.
    return !page->objects().empty() && page->objects(0).key() == place.key;
}

Result<void> removeOne(Session& session, const std::string& bucket, const std::string& key) {
    api::ObjectRequest request;
    request.set_bucket_name(bucket);
    request.set_key(key);
    auto done = session.call(*session.buckets, &api::BucketService::Stub::DeleteObject, request);
    if (!done) {
        return fail(std::move(done.error()));
    }
    return {};
}

Result<Exit> rm(Session& session, const RmOptions& options) {
    auto place = options.recursive ? placeOf(options.place) : objectPlace(options.place);
    if (!place) {
        return fail(std::move(place.error()));
    }
    if (!options.recursive) {
        const auto there = isThere(session, *place);
        HANSHU_TRY(there);
        HANSHU_TRY(removeOne(session, place->bucket, place->key));
        session.done(*there ? "Removed " + options.place + "." : options.place + " was not there.",
                     {{"bucketName", place->bucket}, {"key", place->key}, {"removed", *there ? 1 : 0}});
        return Exit::Ok;
    }
    auto listed = listObjects(session, *place, true, 0);
    if (!listed) {
        return fail(std::move(listed.error()));
    }
    for (const auto& object : listed->objects) {
        HANSHU_TRY(removeOne(session, place->bucket, object.key()));
    }
    session.done(fmt::format("Removed {} objects.", listed->objects.size()),
                 {{"bucketName", place->bucket}, {"prefix", place->key}, {"removed", listed->objects.size()}});
    return Exit::Ok;
}

}  // namespace

void addObjectCommands(CLI::App& app, Command& chosen) {
    auto& group = *app.add_subcommand("object", "Objects of buckets, as BUCKET/KEY")->require_subcommand(1);
    auto sent = std::make_shared<PutOptions>();
    auto* puts = group.add_subcommand("put", "Upload a file");
    puts->add_option("file", sent->file, "The file; - for standard input")->required()->type_name(kPath);
    puts->add_option("target", sent->target, "BUCKET/KEY; with / at the end the file keeps its name")->required();
    puts->add_option("--content-type", sent->contentType, "Its media type");
    addRepeated(puts, "--metadata", sent->metadata, "NAME=VALUE");
    runs(puts, chosen, sent, put);
    auto got = std::make_shared<GetOptions>();
    auto* gets = group.add_subcommand("get", "Download an object");
    gets->add_option("source", got->source, "BUCKET/KEY")->required();
    gets->add_option("file", got->file, "File or folder, by default here; - for standard output")->type_name(kPath);
    runs(gets, chosen, got, get);
    auto listed = std::make_shared<LsOptions>();
    auto* lists = group.add_subcommand("ls", "List objects");
    lists->add_option("place", listed->place, "BUCKET[/PREFIX]")->required()->type_name(kBucketName);
    lists->add_flag("--recursive,-r", listed->recursive, "What lies in folders too");
    lists->add_option("--limit,-n", listed->limit, "Rows at most")->check(CLI::Range(1, 1'000'000));
    runs(lists, chosen, listed, ls);
    auto removed = std::make_shared<RmOptions>();
    auto* removes = group.add_subcommand("rm", "Remove an object");
    removes->add_option("place", removed->place, "BUCKET/KEY")->required();
    removes->add_flag("--recursive,-r", removed->recursive, "Every object whose key begins so");
    runs(removes, chosen, removed, rm);
}

}  // namespace hanshu::cli
