// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Debian's Prometheus, unmodified, reads what a real daemon tells.
#include "daemon.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <QDir>
#include <QJsonArray>
#include <QStandardPaths>
#include <QtTest>

using namespace hanshu::tests;

namespace {

// A port that was free a moment ago.
int freePort() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(fd);
    return bound ? ntohs(address.sin_port) : 0;
}

void write(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
}

class Prometheus {
public:
    Prometheus(const StateFolder& folder, const QString& target) : m_port(freePort()) {
        write(folder.file("prometheus.yml"),
              QString("scrape_configs:\n  - job_name: hanshu\n    scrape_interval: 1s\n    scrape_timeout: 1s\n"
                      "    static_configs:\n      - targets: ['%1']\n")
                  .arg(target)
                  .toUtf8());
        m_process.setStandardErrorFile(folder.file("prometheus.log"));
        m_process.start("prometheus", {"--config.file=" + folder.file("prometheus.yml"),
                                       "--storage.tsdb.path=" + folder.file("prometheus"),
                                       QString("--web.listen-address=127.0.0.1:%1").arg(m_port)});
    }
    ~Prometheus() {
        m_process.terminate();
        if (!m_process.waitForFinished(20'000)) {
            m_process.kill();
            m_process.waitForFinished();
        }
    }
    Prometheus(const Prometheus&) = delete;
    Prometheus& operator=(const Prometheus&) = delete;

    // The value of a query with one result; NaN while it has none.
    [[nodiscard]] double value(const QString& query) const {
        const auto answer = run("curl", {"-sG", QString("http://127.0.0.1:%1/api/v1/query").arg(m_port),
                                         "--data-urlencode", "query=" + query});
        const auto result = QJsonDocument::fromJson(answer.out)["data"]["result"].toArray();
        return result.size() == 1 ? result[0]["value"][1].toString().toDouble() : qQNaN();
    }

private:
    int m_port;
    QProcess m_process;
};

}  // namespace

class TestPrometheus : public QObject {
    Q_OBJECT

private slots:
    void itScrapesADaemon() {
        QVERIFY2(!QStandardPaths::findExecutable("prometheus").isEmpty(),
                 "prometheus is missing: apt install prometheus");
        const StateFolder folder;
        Daemon daemon(folder);
        QVERIFY2(daemon.start(), daemon.errors().constData());
        QDir().mkpath(folder.file("code"));
        write(folder.file("code") + "/index.py", "def handler(event, context):\n    return event\n");
        const auto hanshu = [&](QStringList arguments) {
            return run(program("hanshu"), QStringList{"--server", daemon.grpc()} + arguments);
        };
        const auto deployed = hanshu({"function", "deploy", "echo", folder.file("code"), "--runtime", "python3.11",
                                      "--handler", "index.handler"});
        QVERIFY2(deployed.exitCode == 0, deployed.err.constData());
        const Prometheus prometheus(folder, daemon.said()["http"].toString());
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(hanshu({"invoke", "echo", "-d", "x"}).exitCode, 0);
        }
        const QString invocations = "hanshu_function_invocations_total{function=\"echo\"}";
        QTRY_COMPARE_WITH_TIMEOUT(prometheus.value("up{job=\"hanshu\"}"), 1.0, 60'000);
        QTRY_COMPARE_WITH_TIMEOUT(prometheus.value(invocations), 3.0, 60'000);
        QCOMPARE(hanshu({"invoke", "echo", "-d", "x"}).exitCode, 0);
        QTRY_COMPARE_WITH_TIMEOUT(prometheus.value(invocations), 4.0, 60'000);
        // Histograms are told with the end of a period of ten seconds.
        QTRY_COMPARE_WITH_TIMEOUT(prometheus.value("hanshu_function_duration_seconds_count{function=\"echo\"}"), 4.0,
                                  60'000);
        QVERIFY(prometheus.value("hanshu_daemon_memory_bytes{process=\"daemon\"}") > 1e6);

        // And its own checker has nothing to say.
        const auto exposed = run("curl", {"-sf", "http://" + daemon.said()["http"].toString() + "/metrics"});
        QCOMPARE(exposed.exitCode, 0);
        write(folder.file("metrics"), exposed.out);
        const auto checked = run("sh", {"-c", "promtool check metrics < '" + folder.file("metrics") + "' 2>&1"});
        QVERIFY2(checked.exitCode == 0 && checked.out.isEmpty(), checked.out.constData());
    }
};

QTEST_GUILESS_MAIN(TestPrometheus)
#include "tst_prometheus.moc"
