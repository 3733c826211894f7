// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Cuts the power at every sync point, of files and of SQLite alike, in a day of the object store, and accounts for what
// was acknowledged: it is there with the right bytes. What was not is there whole or not at all.

#include "base/volatile_file_ops.h"
#include "objects/fixture.h"
#include "store/faulty_vfs.h"

#include <map>
#include <set>

using namespace hanshu;
using namespace hanshu::objects;
using namespace hanshu::test;
using Survival = VolatileDisk::Survival;

namespace {

constexpr auto kFolder = "/o";
constexpr auto kDatabase = "/d/state.db";

// What may be found of a key: contents, or nothing.
using Content = std::optional<std::string>;

struct Account {
    bool bucketAcknowledged = false;
    std::map<std::string, std::set<Content>> keys;         // what each may hold now
    std::set<std::string> events;                          // payloads that must be in the queue
    std::map<std::string, std::string> partsAcknowledged;  // upload id by key
};

Task<Result<ObjectMeta>> puttingPart(ObjectStore& store, UploadSpec spec, std::string id, std::string bytes) {
    auto upload = co_await store.uploadPart(std::move(spec), std::move(id), 1);
    if (!upload) {
        co_return fail(std::move(upload.error()));
    }
    auto written = co_await (*upload)->write(bytes);
    if (!written) {
        co_return fail(std::move(written.error()));
    }
    co_return co_await (*upload)->commit();
}

// One life of the program: each step says beforehand what it wants, and afterwards what it was promised.
class Life {
public:
    Life(StoreFixture& fixture, Account& account) : m_fixture(fixture), m_account(account) {}

    void live() {
        const std::string large(1'300'000, 'L');  // in two pieces
        const bool survived = bucket() && put("k", "one") && put("k", "two") && put("a", "file") &&
                              put("a/b", "escaped") && put("a/b", "escaped again") && put("large", large) &&
                              put("d/e/f", "deep") && remove("d/e/f") && put("d/e/f", "deeper") && remove("a") &&
                              put("a/b", "natural now") && multipart("parts", "first") && put("large", "small now") &&
                              put("x//y", "no path") && remove("x//y") && removeAll({"k", "a/b", "none"}) &&
                              put("k", "three") && multipart("parts", "second") && otherBucket() && atOnce();
        (void)survived;
    }

private:
    bool bucket() {
        if (!m_account.bucketAcknowledged) {
            auto made = m_fixture.createBucket("bucket");
            m_account.bucketAcknowledged = made.has_value() || made.error().reason == "BucketAlreadyExists";
        }
        return m_account.bucketAcknowledged;
    }

    void want(const std::string& key, const Content& content) {
        auto& possible = m_account.keys[key];
        if (possible.empty()) {
            possible.insert(std::nullopt);
        }
        possible.insert(content);
    }
    void promised(const std::string& key, const Content& content) {
        m_account.keys[key] = {content};
        if (content) {
            m_account.events.insert(key + " " + toHex(md5(*content)));
        }
    }

    bool put(const std::string& key, const std::string& bytes) {
        want(key, bytes);
        if (!m_fixture.put("bucket", key, bytes)) {
            return false;
        }
        promised(key, bytes);
        return true;
    }

    bool remove(const std::string& key) {
        want(key, std::nullopt);
        if (!m_fixture.remove("bucket", key)) {
            return false;
        }
        promised(key, std::nullopt);
        return true;
    }

    bool removeAll(const std::vector<std::string>& keys) {
        for (const auto& key : keys) {
            want(key, std::nullopt);
        }
        if (!run(m_fixture.store().removeAll(kAccount, "bucket", keys, {}))) {
            return false;
        }
        for (const auto& key : keys) {
            promised(key, std::nullopt);
        }
        return true;
    }

    bool multipart(const std::string& key, const std::string& bytes) {
        auto& store = m_fixture.store();
        const auto spec = StoreFixture::spec("bucket", key);
        const auto id = run(store.beginMultipart(spec));
        if (!id) {
            return false;
        }
        const auto part = run(puttingPart(store, spec, *id, bytes));
        if (!part) {
            return false;
        }
        m_account.partsAcknowledged[key] = *id;
        want(key, bytes);
        if (!run(store.endMultipart({kAccount, "bucket", key, *id, {{1, part->etag}}, {}, {}}))) {
            return false;
        }
        m_account.partsAcknowledged.erase(key);
        m_account.keys[key] = {bytes};
        return true;
    }

    bool otherBucket() {
        const auto made = m_fixture.createBucket("other");
        if (!made && made.error().reason != "BucketAlreadyExists") {
            return false;
        }
        return run(m_fixture.store().deleteBucket(kAccount, "other")).has_value();
    }

    // Several writers and removers together.
    bool atOnce() {
        std::vector<std::pair<std::string, std::future<Result<ObjectMeta>>>> writers;
        for (int i = 0; i < 6; ++i) {
            const auto key = fmt::format("m/{}/{}", i % 2, i);
            want(key, key);
            writers.emplace_back(
                key, asio::co_spawn(io().next().get_executor(),
                                    StoreFixture::putting(m_fixture.store(), StoreFixture::spec("bucket", key), key),
                                    asio::use_future));
        }
        bool all = true;
        for (auto& [key, writer] : writers) {
            if (writer.get()) {
                promised(key, key);
            } else {
                all = false;
            }
        }
        return all && remove("m/0/0") && remove("m/0/2") && remove("m/0/4");
    }

    StoreFixture& m_fixture;
    Account& m_account;
};

// The machine: a disk, SQLite on it, and the files of objects on it.
struct Machine {
    explicit Machine(Survival survival, unsigned seed) : disk(survival, seed), vfs(disk, "objects"), files(disk) {
        (void)files.makeDirectory(kFolder);
        (void)files.makeDirectory("/d");
        (void)disk.syncDirectory("/");
    }
    VolatileDisk disk;
    FaultyVfs vfs;
    VolatileFileOps files;

    std::unique_ptr<StoreFixture> boot() {
        auto fixture = std::make_unique<StoreFixture>(kFolder, kDatabase, "objects", &files);
        fixture->causesEvents = true;
        return fixture;
    }
};

void collect(FileOps& files, const std::string& folder, const std::string& below,
             std::map<std::string, std::string>& found) {
    std::vector<std::string> names;
    (void)files.list(folder, names);
    for (const auto& name : names) {
        const auto path = folder + "/" + name;
        if (files.kind(path) == FileKind::Directory) {
            collect(files, path, below + name + "/", found);
            continue;
        }
        std::unique_ptr<File> file;
        std::string bytes(2'000'000, '\0');
        std::size_t count = 0;
        if (files.open(path, OpenMode::Read, file) == 0 && file->readAt(0, bytes, count) == 0) {
            found[below + name] = bytes.substr(0, count);
        }
    }
}

// Empty: every promise is kept.
std::string audit(StoreFixture& fixture, Account& account, FileOps& files) {
    std::map<std::string, std::string> live;
    for (auto& [key, possible] : account.keys) {
        auto bytes = fixture.get("bucket", key);
        if (!bytes && bytes.error().reason != "ObjectNotFound" && bytes.error().reason != "BucketNotFound") {
            return key + ": " + bytes.error().describe();
        }
        const Content content = bytes ? Content(*bytes) : std::nullopt;
        if (!possible.contains(content)) {
            return fmt::format("{} holds {} ({} contents were possible)", key,
                               content ? content->substr(0, 40) : "nothing", possible.size());
        }
        possible = {content};
        if (!content) {
            continue;
        }
        live[key] = *content;
        const auto meta = run(fixture.store().head(kAccount, "bucket", key));
        if (!meta || meta->size != content->size() ||
            (!meta->etag.ends_with("-1") && meta->etag != toHex(md5(*content)))) {
            return key + ": its metadata are those of other bytes";
        }
    }
    if (!account.bucketAcknowledged) {
        return {};
    }
    const auto bucket = run(fixture.store().bucket(kAccount, "bucket"));
    if (!bucket || bucket->object_count() != static_cast<double>(live.size())) {
        return "the bucket counts wrongly";
    }
    std::set<std::string> events;
    const auto listed = run(fixture.queue().claim(kAccount, "seen", 1000, fixture.clock.now(), fixture.clock.now()));
    if (!listed) {
        return listed.error().describe();
    }
    for (const auto& lease : *listed) {
        events.insert(lease.event.payload);
    }
    for (const auto& payload : account.events) {
        if (!events.contains(payload)) {
            return "the event of an acknowledged change is missing: " + payload;
        }
    }
    // Natural paths show what is live and nothing else.
    std::map<std::string, std::string> natural;
    collect(files, fixture.store().folder(kAccount, "bucket", "").value(), "", natural);
    for (const auto& [key, bytes] : natural) {
        const auto object = live.find(key);
        if (object == live.end() || object->second != bytes) {
            return "the natural path shows what is not there: " + key;
        }
    }
    for (const auto& [key, id] : account.partsAcknowledged) {
        const auto parts = run(fixture.store().listParts(kAccount, "bucket", key, id, 0, 10));
        // Ended, though nobody was told: then the object is its own.
        if (!parts && !live.contains(key)) {
            return "an acknowledged part is missing";
        }
    }
    return {};
}

// Of all uploads that were begun and not ended, whether anybody was told or not.
std::size_t partsOf(StoreFixture& fixture) {
    const auto uploads = run(fixture.store().listMultipart(kAccount, "bucket", {}));
    std::size_t count = 0;
    for (const auto& upload : uploads ? uploads->uploads : std::vector<Multipart>{}) {
        const auto parts = run(fixture.store().listParts(kAccount, "bucket", upload.key, upload.id, 0, 10));
        count += parts ? parts->parts.size() : 0;
    }
    return count;
}

// Lives until the power is cut at the sync of this number, boots again, audits, lives on, and audits again.
std::string cutAt(int number, bool after, Survival survival, bool& reached) {
    Machine machine(survival, static_cast<unsigned>(number));
    Account account;
    machine.disk.cutAtSync(machine.disk.syncs() + number, after);
    {
        auto fixture = machine.boot();
        if (fixture->open()) {
            Life(*fixture, account).live();
        }
        reached = machine.disk.isOff();
        fixture->close();
        reached = reached || machine.disk.isOff();
        machine.disk.cutNow();
    }
    machine.disk.restart();
    machine.files.check();
    for (int boot = 0; boot < 2; ++boot) {
        auto fixture = machine.boot();
        if (auto opened = fixture->open(); !opened) {
            return "does not start: " + opened.error().describe();
        }
        if (auto wrong = audit(*fixture, account, machine.files); !wrong.empty()) {
            return wrong;
        }
        std::map<std::string, std::string> arrived;
        collect(machine.files, std::string(kFolder) + "/objects/incoming", "", arrived);
        if (const auto parts = partsOf(*fixture); account.bucketAcknowledged && arrived.size() != parts) {
            return fmt::format("{} files are in incoming for {} parts", arrived.size(), parts);
        }
        if (boot == 0) {
            Life(*fixture, account).live();
            if (auto wrong = audit(*fixture, account, machine.files); !wrong.empty()) {
                return "after living on: " + wrong;
            }
            account.events.clear();  // the audit claimed them
        }
    }
    return {};
}

}  // namespace

class TestObjectPowerCut : public QObject {
    Q_OBJECT

private slots:
    void everySyncPointKeepsItsPromises_data() {
        QTest::addColumn<int>("survival");
        QTest::addColumn<bool>("after");
        QTest::newRow("all that was not synced is lost, before the sync") << static_cast<int>(Survival::None) << false;
        QTest::newRow("all that was not synced is lost, after the sync") << static_cast<int>(Survival::None) << true;
        QTest::newRow("some of it is lost") << static_cast<int>(Survival::Random) << false;
        QTest::newRow("the program is killed") << static_cast<int>(Survival::All) << false;
    }

    void everySyncPointKeepsItsPromises() {
        QFETCH(int, survival);
        QFETCH(bool, after);
        int number = 1;
        for (bool reached = true; reached; ++number) {
            const auto wrong = cutAt(number, after, static_cast<Survival>(survival), reached);
            QVERIFY2(wrong.empty(), fmt::format("cut at sync {}: {}", number, wrong).c_str());
        }
        QVERIFY2(number > 100, "the day has fewer sync points than its steps need");
        qInfo("%d sync points", number - 1);
    }
};

QTEST_GUILESS_MAIN(TestObjectPowerCut)
#include "tst_object_power_cut.moc"
