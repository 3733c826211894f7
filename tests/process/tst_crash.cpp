// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// kill -9 at random moments loses no object that was answered with 200 and no event that was answered with 202.
#include "../catalog/zip_maker.h"
#include "crash_load.h"
#include "traces.h"

#include <QJsonArray>
#include <QtTest>

using namespace hanshu;
using namespace hanshu::tests;

namespace {

constexpr int kKills = 200;
constexpr int kUploaders = 3;
constexpr int kSenders = 2;
// One kill in so many comes while the daemon starts, which is when it puts right what the last kill left.
constexpr int kStartsAmongKills = 5;
constexpr int kLongestLifeMilliseconds = 350;
// Successes of an account that the queue still lists.
constexpr std::size_t kRemembered = 10'000;
// Longer than a start takes on an idle machine.
constexpr int kLongestStartMilliseconds = 150;

std::uint64_t seedOfRun() {
    bool given = false;
    const auto seed = qEnvironmentVariable("HANSHU_SEED").toULongLong(&given);
    return given ? seed : std::random_device()();
}

}  // namespace

class TestCrash : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        const auto seed = seedOfRun();
        qInfo("seed %llu (HANSHU_SEED repeats it)", static_cast<unsigned long long>(seed));
        m_random.seed(seed);
        Daemon daemon(m_folder);
        QVERIFY2(daemon.start(), daemon.errors().constData());
        m_owner = m_folder.owner();
        QCOMPARE(send(daemon.objects(), s3Request(m_owner, "PUT", "/load")).status, 200U);
        const auto zip = test::makeZip({{"index.py", "def handler(event, context):\n    return event\n"}});
        const auto created = send(daemon.http(), apiRequest(m_owner, "POST", "functions", functionJson("worker", zip)));
        QVERIFY2(created.status == 200, created.body.c_str());
    }

    void everyAcknowledgedWriteSurvivesTwoHundredKills() {
        startLoad();
        for (int kill = 0; kill < kKills; ++kill) {
            killOnce();
            if (QTest::currentTestFailed()) {
                break;
            }
        }
        m_whereabouts.close();
        endLoad();
        Daemon daemon(m_folder);
        QVERIFY2(daemon.start(), daemon.errors().constData());
        checkObjects(daemon);
        checkEvents(daemon);
        const auto family = familyOf(daemon.pid());
        daemon.terminate();
        QVERIFY(daemon.waitForEnd());
        QCOMPARE(daemon.exitCode(), 0);
        QTRY_COMPARE_WITH_TIMEOUT(tracesOf(m_folder, family), QStringList(), 20'000);
    }

private:
    int upTo(int limit) { return std::uniform_int_distribution<int>(0, limit)(m_random); }

    void startLoad() {
        for (int i = 0; i < kUploaders; ++i) {
            m_uploaders.push_back(
                std::make_unique<Uploader>(m_whereabouts, m_owner, m_random(), fmt::format("u{}", i)));
            m_uploaders.back()->start();
        }
        for (int i = 0; i < kSenders; ++i) {
            m_senders.push_back(std::make_unique<EventSender>(m_whereabouts, m_owner, m_random()));
            m_senders.back()->start();
        }
    }
    void endLoad() {
        for (auto& client : m_uploaders) {
            client->join();
            noteSurprises(*client);
        }
        for (auto& client : m_senders) {
            client->join();
            noteSurprises(*client);
        }
    }
    static void noteSurprises(const Client& client) {
        QVERIFY2(client.surprises().empty(), client.surprises().empty() ? "" : client.surprises().begin()->c_str());
        QVERIFY2(client.acknowledged() > kKills, "hardly anything was acknowledged: the test shows nothing");
    }

    // The sleeps are the random moments.
    void killOnce() {
        Daemon daemon(m_folder);
        QElapsedTimer timer;
        timer.start();
        daemon.launch();
        if (upTo(kStartsAmongKills - 1) == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds{upTo(kLongestStartMilliseconds)});
            daemon.kill();
            return;
        }
        QVERIFY2(daemon.awaitReady(), daemon.errors().right(2000).constData());
        m_starts.push_back(timer.elapsed());
        m_whereabouts.moved(daemon.http(), daemon.objects());
        std::this_thread::sleep_for(std::chrono::milliseconds{upTo(kLongestLifeMilliseconds)});
        daemon.kill();
    }

    void checkObjects(const Daemon& daemon) {
        int acknowledged = 0;
        RawClient connection(daemon.objects());
        for (const auto& uploader : m_uploaders) {
            acknowledged += uploader->acknowledged();
            for (const auto& [key, history] : uploader->histories()) {
                const auto answer = connection.exchange(s3Request(m_owner, "GET", "/load/" + key));
                QVERIFY(answer.has_value());
                const auto candidates = possible(history);
                const bool known = std::ranges::any_of(candidates, [&](const Attempt& candidate) {
                    return candidate.deletes ? answer->status == 404
                                             : answer->status == 200 && answer->body == candidate.content();
                });
                QVERIFY2(known, fmt::format("{}: status {}, {} bytes, fits none of {} candidates; the last one "
                                            "acknowledged: {}, {} bytes",
                                            key, answer->status, answer->body.size(), candidates.size(),
                                            candidates.front().deletes ? "deleted" : "put", candidates.front().size)
                                    .c_str());
            }
        }
        std::ranges::sort(m_starts);
        qInfo("%d changes of objects were acknowledged; a start took %lld ms (median), %lld ms at most", acknowledged,
              static_cast<long long>(m_starts[m_starts.size() / 2]), static_cast<long long>(m_starts.back()));
    }

    void checkEvents(const Daemon& daemon) {
        // Both from one look: an event goes from one to the other and back.
        const auto allEnded = [&] {
            const auto now = get(daemon.http(), "/metrics").body;
            return metricIn(now, "hanshu_events_backlog") == 0 && metricIn(now, "hanshu_events_running") == 0;
        };
        QTRY_VERIFY_WITH_TIMEOUT(allEnded(), 240'000);
        const auto outcomes = allTasks(daemon);
        QVERIFY2(outcomes.size() < kRemembered, "more events than the queue remembers: send fewer");
        std::size_t succeeded = 0;
        std::size_t accepted = 0;
        for (const auto& sender : m_senders) {
            for (const auto& id : sender->accepted()) {
                const auto found = outcomes.find(QString::fromStdString(id));
                QVERIFY2(found != outcomes.end(), ("an accepted event is gone: " + id).c_str());
                // Nothing is wrong with the function: whatever a kill cut off ran again.
                QVERIFY2(found->second == "Succeeded", qPrintable(found->first + " ended as " + found->second));
                ++accepted;
            }
        }
        for (const auto& [id, status] : outcomes) {
            succeeded += status == "Succeeded" ? 1 : 0;
        }
        qInfo("%zu events were acknowledged; %zu were stored, %zu of them succeeded", accepted, outcomes.size(),
              succeeded);
    }

    std::map<QString, QString> allTasks(const Daemon& daemon) {
        std::map<QString, QString> outcomes;
        std::string next;
        do {
            const auto target = "functions/worker/async-tasks?limit=100" + (next.empty() ? "" : "&nextToken=" + next);
            const auto page = jsonOf(send(daemon.http(), apiRequest(m_owner, "GET", target)));
            for (const auto task : page["tasks"].toArray()) {
                const auto fields = task.toObject();
                outcomes[fields["requestId"].toString()] = fields["status"].toString();
            }
            next = page["nextToken"].toString().toStdString();
        } while (!next.empty());
        return outcomes;
    }

    StateFolder m_folder;
    std::mt19937_64 m_random;
    access::AccessKey m_owner;
    Whereabouts m_whereabouts;
    std::vector<std::unique_ptr<Uploader>> m_uploaders;
    std::vector<std::unique_ptr<EventSender>> m_senders;
    std::vector<qint64> m_starts;
};

QTEST_GUILESS_MAIN(TestCrash)
#include "tst_crash.moc"
