// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "node/owner.h"

#include "account.pb.h"
#include "base/encoding.h"
#include "base/unique_fd.h"
#include "invoke/limits.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <cerrno>

namespace hanshu::node {
namespace {

using store::Kind;

// As the accounts of the cloud look: 16 digits, the first not 0.
std::string newAccountId() {
    std::string digits = "1";
    while (digits.size() < 16) {
        for (const char c : randomHex(16)) {
            if (c >= '0' && c <= '9' && digits.size() < 16) {
                digits += c;
            }
        }
    }
    return digits;
}

Result<void> writeCredentials(const std::filesystem::path& file, const OwnerCredentials& credentials) {
    const auto temporary = std::filesystem::path(file.string() + ".new");
    const UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const auto text = fmt::format("account_id = \"{}\"\naccess_key_id = \"{}\"\naccess_key_secret = \"{}\"\n",
                                  credentials.accountId, credentials.accessKeyId, credentials.accessKeySecret);
    if (!fd || ::fchmod(fd.get(), 0600) != 0 ||
        ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) || ::fsync(fd.get()) != 0 ||
        ::rename(temporary.c_str(), file.c_str()) != 0) {
        return systemError(fmt::format("write {}", file.string()), errno);
    }
    return {};
}

Result<void> create(store::ResourceStore& store, IoPool& io, store::ResourceKey key, std::string bytes) {
    auto created = runBlocking(io.context(0).get_executor(), store.create(std::move(key), std::move(bytes)));
    if (!created) {
        return fail(std::move(created.error()));
    }
    return {};
}

Result<Owner> createOwner(store::ResourceStore& store, IoPool& io, const std::filesystem::path& stateDirectory) {
    Owner owner;
    auto& credentials = owner.credentials;
    credentials.accountId = newAccountId();
    credentials.accessKeyId = "LTAI" + randomToken(20);  // the form of the cloud's ids
    credentials.accessKeySecret = randomToken(30);
    credentials.created = true;
    owner.concurrencyLimit = invoke::kDefaultAccountConcurrency;
    owner.sessionSecret = fromHex(randomHex(32)).value();

    api::StoredAccessKey key;
    key.set_access_key_id(credentials.accessKeyId);
    key.set_access_key_secret(credentials.accessKeySecret);
    api::StoredAccount account;
    account.set_account_id(credentials.accountId);
    account.set_concurrency_limit(owner.concurrencyLimit);
    const auto& id = credentials.accountId;
    // The account comes last: a start that is cut off before it makes everything anew.
    HANSHU_TRY(create(store, io, {id, Kind::Setting, {}, "session-secret"}, toHex(owner.sessionSecret)));
    HANSHU_TRY(create(store, io, {id, Kind::AccessKey, {}, credentials.accessKeyId}, key.SerializeAsString()));
    HANSHU_TRY(writeCredentials(stateDirectory / "credentials.toml", credentials));
    HANSHU_TRY(create(store, io, {id, Kind::Account, {}, id}, account.SerializeAsString()));
    return owner;
}

}  // namespace

Result<Owner> loadOrCreateOwner(store::ResourceStore& store, IoPool& io, const std::filesystem::path& stateDirectory) {
    auto accounts = store.loadAll(Kind::Account);
    auto keys = store.loadAll(Kind::AccessKey);
    auto settings = store.loadAll(Kind::Setting);
    if (!accounts || !keys || !settings) {
        return internalError("the accounts can't be read");
    }
    if (accounts->empty()) {
        return createOwner(store, io, stateDirectory);
    }
    Owner owner;
    api::StoredAccount account;
    if (!account.ParseFromString(accounts->front().bytes)) {
        return internalError("the stored account is damaged");
    }
    owner.credentials.accountId = account.account_id();
    owner.concurrencyLimit = account.concurrency_limit();
    for (const auto& resource : *keys) {
        api::StoredAccessKey key;
        if (resource.key.account == account.account_id() && key.ParseFromString(resource.bytes)) {
            owner.credentials.accessKeyId = key.access_key_id();
            owner.credentials.accessKeySecret = key.access_key_secret();
        }
    }
    for (const auto& resource : *settings) {
        if (resource.key.account == account.account_id() && resource.key.name == "session-secret") {
            owner.sessionSecret = fromHex(resource.bytes).value_or("");
        }
    }
    if (owner.sessionSecret.empty() || owner.credentials.accessKeyId.empty()) {
        return internalError("the account's keys are missing from the store");
    }
    return owner;
}

Task<Result<void>> storeConcurrencyLimit(store::ResourceStore& store, std::string account, int limit) {
    api::StoredAccount stored;
    stored.set_account_id(account);
    stored.set_concurrency_limit(limit);
    store::ResourceKey key{account, Kind::Account, {}, account};
    auto updated = co_await store.update(std::move(key), stored.SerializeAsString(), std::nullopt);
    if (!updated) {
        co_return fail(std::move(updated.error()));
    }
    co_return Result<void>();
}

}  // namespace hanshu::node
