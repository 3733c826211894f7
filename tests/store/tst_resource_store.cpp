// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/fixture.h"
#include "store/resource_store.h"

using namespace hanshu;
using namespace hanshu::store;
using namespace hanshu::test;

namespace {

ResourceKey key(std::string name, Kind kind = Kind::Function, std::string parent = {}, std::string account = "1000") {
    return {std::move(account), kind, std::move(parent), std::move(name)};
}

std::vector<std::string> namesOf(const ResourcePage& page) {
    std::vector<std::string> names;
    for (const auto& resource : page.resources) {
        names.push_back(resource.key.parent + "/" + resource.key.name);
    }
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

class TestResourceStore : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::unique_ptr<Database> m_database;
    std::unique_ptr<ResourceStore> m_store;

    Result<ResourcePage> list(std::optional<std::string> parent, ListOptions options, Kind kind = Kind::Function) {
        return test::run(m_store->list("1000", kind, std::move(parent), std::move(options)));
    }

private slots:
    void init() {
        m_database = openState(m_folder.filePath("state.db").toStdString());
        m_store = makeSqliteResourceStore(*m_database);
    }
    void cleanup() {
        m_store.reset();
        m_database.reset();
        for (const auto& name : QDir(m_folder.path()).entryList(QDir::Files)) {
            QVERIFY(QFile::remove(m_folder.filePath(name)));
        }
    }

    void aResourceIsCreatedReadChangedAndRemoved() {
        const std::string bytes("\x0a\x00\xff", 3);
        QCOMPARE(test::run(m_store->create(key("f"), bytes)).value().value, 1);
        const auto read = test::run(m_store->get(key("f")));
        VERIFY_OK(read);
        QCOMPARE(read->bytes, bytes);
        QCOMPARE(read->revision.value, 1);
        QCOMPARE(test::run(m_store->update(key("f"), "two", std::nullopt)).value().value, 2);
        QCOMPARE(test::run(m_store->update(key("f"), "three", Revision{2})).value().value, 3);
        QCOMPARE(test::run(m_store->get(key("f"))).value().bytes, std::string("three"));
        VERIFY_OK(test::run(m_store->remove(key("f"), Revision{3})));
        VERIFY_FAILS(test::run(m_store->get(key("f"))), Code::NotFound, "ResourceNotFound");
    }

    // Or a client that knows the old one would change the new one by accident.
    void aResourceThatIsMadeAnewHasARevisionThatTheOldOneNeverHad() {
        VERIFY_OK(test::run(m_store->create(key("f"), "old")));
        VERIFY_OK(test::run(m_store->update(key("f"), "old", std::nullopt)));
        VERIFY_OK(test::run(m_store->update(key("f"), "old", std::nullopt)));
        VERIFY_OK(test::run(m_store->remove(key("f"), std::nullopt)));
        m_store.reset();
        m_database = openState(m_folder.filePath("state.db").toStdString());
        m_store = makeSqliteResourceStore(*m_database);
        QCOMPARE(test::run(m_store->create(key("f"), "new")).value().value, 4);
        for (int old = 1; old <= 3; ++old) {
            VERIFY_FAILS(test::run(m_store->update(key("f"), "by accident", Revision{old})), Code::FailedPrecondition,
                         "PreconditionFailed");
        }
        VERIFY_OK(test::run(m_store->update(key("f"), "newer", Revision{4})));
    }

    void everyRefusalHasItsReason() {
        VERIFY_FAILS(test::run(m_store->update(key("f"), "x", std::nullopt)), Code::NotFound, "ResourceNotFound");
        VERIFY_FAILS(test::run(m_store->remove(key("f"), std::nullopt)), Code::NotFound, "ResourceNotFound");
        VERIFY_OK(test::run(m_store->create(key("f"), "x")));
        const auto twice = test::run(m_store->create(key("f"), "y"));
        VERIFY_FAILS(twice, Code::AlreadyExists, "ResourceAlreadyExists");
        QCOMPARE(twice.error().param("name"), std::string_view("f"));
        VERIFY_FAILS(test::run(m_store->update(key("f"), "y", Revision{2})), Code::FailedPrecondition,
                     "PreconditionFailed");
        VERIFY_FAILS(test::run(m_store->remove(key("f"), Revision{2})), Code::FailedPrecondition, "PreconditionFailed");
        QCOMPARE(test::run(m_store->get(key("f"))).value().bytes, std::string("x"));
    }

    void accountsKindsAndParentsAreApart() {
        VERIFY_OK(test::run(m_store->create(key("n"), "a")));
        VERIFY_OK(test::run(m_store->create(key("n", Kind::Grant), "b")));
        VERIFY_OK(test::run(m_store->create(key("n", Kind::Trigger, "f"), "c")));
        VERIFY_OK(test::run(m_store->create(key("n", Kind::Trigger, "g"), "d")));
        VERIFY_OK(test::run(m_store->create(key("n", Kind::Function, "", "2000"), "e")));
        VERIFY_OK(test::run(m_store->remove(key("n", Kind::Trigger, "f"), std::nullopt)));
        QCOMPARE(test::run(m_store->get(key("n", Kind::Trigger, "g"))).value().bytes, std::string("d"));
        const auto all = m_store->loadAll(Kind::Function);
        VERIFY_OK(all);
        QCOMPARE(all->size(), 2U);
        QCOMPARE((*all)[1].key.account, std::string("2000"));
        QCOMPARE((*all)[1].bytes, std::string("e"));
    }

    void listsArePagedByNameWithinAPrefix() {
        for (const auto* name : {"b", "a-3", "a-1", "a_2", "a-2", "c", "A"}) {
            VERIFY_OK(test::run(m_store->create(key(name), name)));
        }
        auto page = list("", {.prefix = "a-", .startAt = "", .limit = 2});
        VERIFY_OK(page);
        QCOMPARE(namesOf(*page), (Names{"/a-1", "/a-2"}));
        QCOMPARE(page->next, std::string("a-3"));
        page = list("", {.prefix = "a-", .startAt = page->next, .limit = 2});
        QCOMPARE(namesOf(*page), (Names{"/a-3"}));
        QVERIFY(page->next.empty());
        page = list("", {.prefix = "", .startAt = "a_", .limit = 3});
        QCOMPARE(namesOf(*page), (Names{"/a_2", "/b", "/c"}));
        QVERIFY(page->next.empty());
        page = list("", {.prefix = "zzz", .startAt = "", .limit = 3});
        QVERIFY(page->resources.empty());
        VERIFY_FAILS(list("", {.prefix = "", .startAt = "", .limit = 0}), Code::InvalidArgument, "InvalidArgument");
        VERIFY_FAILS(list("", {.prefix = "", .startAt = "", .limit = 1001}), Code::InvalidArgument, "InvalidArgument");
    }

    void aListOverEveryParentMissesNoTwinName() {
        for (const auto* parent : {"f", "g", "h"}) {
            for (const auto* name : {"t1", "t2"}) {
                VERIFY_OK(test::run(m_store->create(key(name, Kind::Trigger, parent), "x")));
            }
        }
        Names seen;
        ListOptions options{.prefix = "", .startAt = "", .limit = 2};
        do {
            const auto page = list(std::nullopt, options, Kind::Trigger);
            VERIFY_OK(page);
            for (const auto& name : namesOf(*page)) {
                seen.push_back(name);
            }
            options.startAt = page->next;
        } while (!options.startAt.empty());
        QCOMPARE(seen, (Names{"f/t1", "g/t1", "h/t1", "f/t2", "g/t2", "h/t2"}));
    }

    void ofConcurrentChangesAtOneRevisionOneWins() {
        VERIFY_OK(test::run(m_store->create(key("f"), "0")));
        std::vector<std::future<Result<Revision>>> changes;
        for (int i = 0; i < 32; ++i) {
            changes.push_back(asio::co_spawn(io().next(), m_store->update(key("f"), std::to_string(i), Revision{1}),
                                             asio::use_future));
        }
        int won = 0;
        for (auto& change : changes) {
            const auto result = change.get();
            won += result ? 1 : 0;
            if (!result) {
                QCOMPARE(result.error().reason, std::string("PreconditionFailed"));
            }
        }
        QCOMPARE(won, 1);
        QCOMPARE(test::run(m_store->get(key("f"))).value().revision.value, 2);
    }
};

QTEST_GUILESS_MAIN(TestResourceStore)
#include "tst_resource_store.moc"
