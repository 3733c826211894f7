// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "access/keyring.h"
#include "base/encoding.h"

#include <QTest>
#include <atomic>
#include <random>
#include <thread>

using namespace hanshu;
using namespace hanshu::access;

class TestKeyring : public QObject {
    Q_OBJECT

private slots:
    void anOwnersKeyIsFoundUntilItIsRemoved() {
        ManualClock clock;
        Keyring keyring(std::string(32, 'k'), clock);
        keyring.add({"id", "secret", "42"});
        const auto found = keyring.find("id", "");
        QVERIFY(found.has_value());
        QCOMPARE(found->secret, std::string("secret"));
        QVERIFY(found->caller.kind == Caller::Kind::Owner);
        QCOMPARE(found->caller.principal, std::string("acs:ram::42:root"));
        keyring.add({"id", "newer", "42"});
        QCOMPARE(keyring.find("id", "")->secret, std::string("newer"));
        keyring.remove("id");
        QCOMPARE(keyring.find("id", "").error().reason, std::string("InvalidAccessKeyID"));
    }

    void issuedCredentialsComeBackAsTheirRoleUntilTheyExpire() {
        ManualClock clock;
        Keyring keyring(std::string(32, 'k'), clock);
        const auto session = keyring.issue("42", "acs:ram::42:role/r", "f", std::chrono::minutes{10});
        QVERIFY(session.accessKeyId.starts_with("STS."));
        QVERIFY(session.expires == clock.now() + std::chrono::minutes{10});
        const auto found = keyring.find(session.accessKeyId, session.securityToken);
        QVERIFY(found.has_value());
        QCOMPARE(found->secret, session.accessKeySecret);
        QVERIFY(found->caller.kind == Caller::Kind::Role);
        QCOMPARE(found->caller.account, std::string("42"));
        QCOMPARE(found->caller.principal, std::string("acs:ram::42:role/r"));
        QCOMPARE(found->caller.sessionFunction, std::string("f"));
        clock.advance(std::chrono::minutes{10});
        QCOMPARE(keyring.find(session.accessKeyId, session.securityToken).error().reason,
                 std::string("SecurityTokenExpired"));
    }

    void aSessionLastsAtMostThirtySixHours() {
        ManualClock clock;
        Keyring keyring(std::string(32, 'k'), clock);
        const auto session = keyring.issue("1", "r", "f", std::chrono::hours{1000});
        QVERIFY(session.expires == clock.now() + std::chrono::hours{36});
        const auto over = keyring.issue("1", "r", "f", std::chrono::seconds{-5});
        QCOMPARE(keyring.find(over.accessKeyId, over.securityToken).error().reason,
                 std::string("SecurityTokenExpired"));
    }

    void credentialsSurviveARestartAndNotAnotherInstallation() {
        ManualClock clock;
        const Keyring before(std::string(32, 'k'), clock);
        const auto session = before.issue("1", "r", "f", std::chrono::hours{1});
        const Keyring after(std::string(32, 'k'), clock);
        QVERIFY(after.find(session.accessKeyId, session.securityToken).has_value());
        const Keyring other(std::string(32, 'x'), clock);
        QCOMPARE(other.find(session.accessKeyId, session.securityToken).error().reason,
                 std::string("InvalidSecurityToken"));
    }

    void twoSessionsOfOneRoleDiffer() {
        ManualClock clock;
        const Keyring keyring(std::string(32, 'k'), clock);
        const auto a = keyring.issue("1", "r", "f", std::chrono::hours{1});
        const auto b = keyring.issue("1", "r", "f", std::chrono::hours{1});
        QVERIFY(a.accessKeyId != b.accessKeyId && a.accessKeySecret != b.accessKeySecret);
        QCOMPARE(keyring.find(a.accessKeyId, b.securityToken).error().reason, std::string("InvalidSecurityToken"));
    }

    void noChangeOfATokenGetsThrough() {
        ManualClock clock;
        const Keyring keyring(std::string(32, 'k'), clock);
        const auto session = keyring.issue("1", "acs:ram::1:role/r", "f", std::chrono::hours{1});
        const auto bytes = fromBase64(session.securityToken).value();
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            auto changed = bytes;
            changed[i] = static_cast<char>(changed[i] ^ 1);
            QVERIFY(!keyring.find(session.accessKeyId, toBase64(changed)).has_value());
            QVERIFY(!keyring.find(session.accessKeyId, toBase64(bytes.substr(0, i))).has_value());
        }
        for (const auto& junk : {std::string("x"), std::string(5000, 'A'), std::string(64, 'A'), std::string("====")}) {
            QCOMPARE(keyring.find(session.accessKeyId, junk).error().reason, std::string("InvalidSecurityToken"));
        }
    }

    void readersSeeWholeKeysWhileAWriterChangesThem() {
        ManualClock clock;
        Keyring keyring(std::string(32, 'k'), clock);
        keyring.add({"fixed", "fixed-secret", "1"});
        std::atomic<bool> stop{false};
        std::atomic<int> wrong{0};
        std::vector<std::thread> readers;
        for (int i = 0; i < 3; ++i) {
            readers.emplace_back([&] {
                while (!stop) {
                    const auto found = keyring.find("fixed", "");
                    wrong += !found || found->secret != "fixed-secret" ? 1 : 0;
                }
            });
        }
        for (int i = 0; i < 300; ++i) {
            keyring.add({"other" + std::to_string(i), "s", "1"});
        }
        stop = true;
        for (auto& reader : readers) {
            reader.join();
        }
        QCOMPARE(wrong.load(), 0);
    }
};

QTEST_GUILESS_MAIN(TestKeyring)
#include "tst_keyring.moc"
