// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "invoke/limits.h"

#include <QTest>
#include <thread>
#include <vector>

using namespace hanshu;
using namespace hanshu::invoke;

class TestLimits : public QObject {
    Q_OBJECT

private slots:
    void anAccountMayRunAHundredAtOnceUnlessItSaysOtherwise() {
        Limits limits;
        std::vector<Permit> permits;
        for (int i = 0; i < kDefaultAccountConcurrency; ++i) {
            auto permit = limits.admit("1", "f", std::nullopt);
            QVERIFY(permit.has_value());
            permits.push_back(std::move(*permit));
        }
        const auto refused = limits.admit("1", "g", std::nullopt);
        QVERIFY(!refused.has_value());
        QCOMPARE(refused.error().reason, std::string("ResourceExhausted"));
        QVERIFY(refused.error().param("limit") == "account concurrency");
        QVERIFY(refused.error().param("value") == "100");
        QVERIFY(limits.admit("2", "f", std::nullopt).has_value());
        limits.setAccountLimit("1", 101);
        QVERIFY(limits.admit("1", "g", std::nullopt).has_value());
        permits.clear();
        QCOMPARE(limits.running("1"), 0);
    }

    void aFunctionsLimitIsNamedAndTakesNothingFromTheAccount() {
        Limits limits;
        const auto first = limits.admit("1", "f", 1);
        QVERIFY(first.has_value());
        const auto refused = limits.admit("1", "f", 1);
        QVERIFY(!refused.has_value());
        QVERIFY(refused.error().param("limit") == "function concurrency");
        QCOMPARE(limits.running("1"), 1);
        QCOMPARE(limits.room("1", "f", 1), 0);
        QCOMPARE(limits.room("1", "f", 3), 2);
    }

    void aMovedPermitComesBackOnce() {
        Limits limits;
        int released = 0;
        limits.onReleased([&] { ++released; });
        {
            auto permit = limits.admit("1", "f", std::nullopt);
            Permit moved = std::move(*permit);
            Permit again;
            again = std::move(moved);
            QCOMPARE(limits.running("1"), 1);
        }
        QCOMPARE(limits.running("1"), 0);
        QCOMPARE(released, 1);
    }

    void theLimitHoldsUnderContention() {
        Limits limits;
        limits.setAccountLimit("1", 3);
        std::atomic<int> most{0};
        std::atomic<int> inside{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < 2000; ++i) {
                    const auto permit = limits.admit("1", "f" + std::to_string((t + i) % 5), std::nullopt);
                    if (permit) {
                        const int now = ++inside;
                        int seen = most.load();
                        while (now > seen && !most.compare_exchange_weak(seen, now)) {
                        }
                        --inside;
                    }
                }
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        QVERIFY(most.load() >= 1 && most.load() <= 3);
        QCOMPARE(limits.running("1"), 0);
    }
};

QTEST_GUILESS_MAIN(TestLimits)
#include "tst_limits.moc"
