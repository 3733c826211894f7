// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// An object of 5 GiB goes in, at once and in parts, and comes out again byte for byte, while the daemon's memory stays
// what it is. Needs 11 GiB below /var/tmp, and minutes.
#include "client.h"
#include "daemon.h"

#include <QStorageInfo>
#include <QtTest>
#include <cstring>

using namespace hanshu;
using namespace hanshu::tests;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kBlock = 1ULL << 20U;
constexpr std::uint64_t kBlocks = 5 * 1024;  // the most that S3 takes in one PUT
constexpr std::uint64_t kBlocksInPart = 64;
// An idle daemon has 40 MiB; what streams through it may take a few buffers more.
constexpr long kMostKilobytes = 100 * 1024;
constexpr auto kPatience = 10min;  // for a disk that takes its time to sync 5 GiB

// The content: random bytes, with each page's number at its start, so that no two blocks are the same.
class Content {
public:
    Content() : m_block(kBlock, '\0') {
        std::mt19937_64 random(5);
        for (std::size_t at = 0; at < kBlock; at += sizeof(std::uint64_t)) {
            const auto word = random();
            std::memcpy(m_block.data() + at, &word, sizeof word);
        }
    }
    const std::string& block(std::uint64_t index) {
        constexpr std::size_t kPage = 4096;
        for (std::size_t at = 0; at < kBlock; at += kPage) {
            const std::uint64_t page = (index * kBlock + at) / kPage;
            std::memcpy(m_block.data() + at, &page, sizeof page);
        }
        return m_block;
    }

private:
    std::string m_block;
};

std::string headOf(const access::AccessKey& key, const std::string& method, const std::string& path,
                   const std::string& query, std::uint64_t length) {
    test::S3Request request(method, path, query);
    request.wire({}, length > 0 ? "UNSIGNED-PAYLOAD" : "");
    request.sign({key.id, key.secret, {}}, Signing{}.now);
    auto bytes = fmt::format("{} {}{}{} HTTP/1.1\r\n", method, path, query.empty() ? "" : "?", query);
    for (const auto& [name, value] : request.raw().headers.fields()) {
        bytes += fmt::format("{}: {}\r\n", name, value);
    }
    return bytes + fmt::format("Content-Length: {}\r\n\r\n", length);
}

long kilobytesOf(pid_t pid, const QByteArray& field) {
    QFile status(QStringLiteral("/proc/%1/status").arg(pid));
    if (status.open(QIODevice::ReadOnly)) {
        for (const auto& line : status.readAll().split('\n')) {
            if (line.startsWith(field + ":")) {
                return line.mid(field.size() + 1).trimmed().split(' ').first().toLong();
            }
        }
    }
    return -1;
}

}  // namespace

class TestLargeObject : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        constexpr qint64 kRoom = 11LL << 30U;
        if (QStorageInfo(m_folder.file(".")).bytesAvailable() < kRoom) {
            QSKIP("needs 11 GiB below /var/tmp");
        }
        QVERIFY2(m_daemon.start(), m_daemon.errors().constData());
        m_owner = m_folder.owner();
        QCOMPARE(send(m_daemon.objects(), s3Request(m_owner, "PUT", "/large")).status, 200U);
        QVERIFY(kilobytesOf(m_daemon.pid(), "VmHWM") > 0);
    }

    void itPassesAtOnce() {
        QElapsedTimer timer;
        timer.start();
        RawClient client(m_daemon.objects());
        const auto put = upload(client, {}, 0, kBlocks);
        QVERIFY(put.has_value());
        QVERIFY2(put->status == 200, put->body.c_str());
        tell("in, at once", timer);
        comesOut();
    }

    void itPassesInParts() {
        QElapsedTimer timer;
        timer.start();
        RawClient client(m_daemon.objects());
        const auto begun = client.exchange(s3Request(m_owner, "POST", kPath, "uploads"));
        QVERIFY(begun && begun->status == 200);
        const auto from = begun->body.find("<UploadId>") + 10;
        const auto id = begun->body.substr(from, begun->body.find("</UploadId>") - from);
        std::string list = "<CompleteMultipartUpload>";
        for (std::uint64_t first = 0; first < kBlocks; first += kBlocksInPart) {
            const auto number = first / kBlocksInPart + 1;
            const auto put = upload(client, fmt::format("partNumber={}&uploadId={}", number, id), first, kBlocksInPart);
            QVERIFY(put.has_value());
            QVERIFY2(put->status == 200, put->body.c_str());
            list += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", number,
                                std::string(put->headers.get("ETag")));
        }
        client.send(s3Request(m_owner, "POST", kPath, "uploadId=" + id, list + "</CompleteMultipartUpload>"));
        const auto completed = client.receive(false, kPatience);
        QVERIFY(completed.has_value());
        QVERIFY2(completed->status == 200 && completed->body.find("<ETag>") != std::string::npos,
                 completed->body.c_str());
        tell("in, in parts", timer);
        comesOut();
    }

private:
    static constexpr auto kPath = "/large/object";

    std::optional<RawAnswer> upload(RawClient& client, const std::string& query, std::uint64_t first,
                                    std::uint64_t count) {
        client.send(headOf(m_owner, "PUT", kPath, query, count * kBlock));
        for (std::uint64_t i = first; i < first + count && client.send(m_content.block(i)); ++i) {
        }
        return client.receive(false, kPatience);
    }

    // Reads it back, compares every byte, and deletes it.
    void comesOut() {
        QElapsedTimer timer;
        timer.start();
        RawClient client(m_daemon.objects());
        client.send(headOf(m_owner, "GET", kPath, {}, 0));
        const auto head = client.receive(true, kPatience);
        QVERIFY(head.has_value());
        QCOMPARE(head->status, 200U);
        QCOMPARE(std::string(head->headers.get("Content-Length")), std::to_string(kBlocks * kBlock));
        std::string came;
        for (std::uint64_t i = 0; i < kBlocks; ++i) {
            while (came.size() < kBlock) {
                const auto piece = client.readSome();
                QVERIFY2(!piece.empty(), fmt::format("ended after {} MiB and {} bytes", i, came.size()).c_str());
                came += piece;
            }
            QVERIFY2(came.compare(0, kBlock, m_content.block(i)) == 0, fmt::format("MiB {} differs", i).c_str());
            came.erase(0, kBlock);
        }
        QVERIFY(came.empty());
        tell("out", timer);
        QCOMPARE(send(m_daemon.objects(), s3Request(m_owner, "DELETE", kPath)).status, 204U);
        const auto peak = kilobytesOf(m_daemon.pid(), "VmHWM");
        QVERIFY2(peak > 0 && peak < kMostKilobytes, fmt::format("the daemon took {} KiB", peak).c_str());
    }

    void tell(const char* what, const QElapsedTimer& timer) {
        const auto milliseconds = std::max<qint64>(timer.elapsed(), 1);
        qInfo("5 GiB %s: %.1f s, %lld MB/s; daemon VmRSS %.1f MiB, VmHWM %.1f MiB", what,
              static_cast<double>(milliseconds) / 1e3, static_cast<long long>(kBlocks * kBlock / 1000) / milliseconds,
              static_cast<double>(kilobytesOf(m_daemon.pid(), "VmRSS")) / 1024,
              static_cast<double>(kilobytesOf(m_daemon.pid(), "VmHWM")) / 1024);
    }

    StateFolder m_folder;
    Daemon m_daemon{m_folder};
    access::AccessKey m_owner;
    Content m_content;
};

QTEST_GUILESS_MAIN(TestLargeObject)
#include "tst_large_object.moc"
