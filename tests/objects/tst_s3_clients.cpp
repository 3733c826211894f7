// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Debian's awscli and s3cmd, unmodified, against the service behind its HTTP server; and a body larger than the memory
// that it may take.

#include "gateway/http_server.h"
#include "objects/fixture.h"
#include "objects/s3_service.h"

#include <malloc.h>
#include <QFile>
#include <QProcess>
#include <QProcessEnvironment>

using namespace hanshu;
using namespace hanshu::objects;
using namespace hanshu::test;

namespace {

struct Ran {
    int code = -1;
    QString out;
    QString err;
};

// Kilobytes that the process holds in anonymous memory: page cache of files is not the daemon's.
long residentKilobytes() {
    QFile status("/proc/self/status");
    if (!status.open(QIODevice::ReadOnly)) {
        return -1;
    }
    for (const auto& line : status.readAll().split('\n')) {
        if (line.startsWith("RssAnon:")) {
            return line.mid(8).trimmed().split(' ').front().toLong();
        }
    }
    return -1;
}

}  // namespace

class TestS3Clients : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        if (!QFile::exists("/usr/bin/aws") || !QFile::exists("/usr/bin/s3cmd")) {
            QSKIP("awscli and s3cmd are not installed");
        }
        m_store = std::make_unique<StoreFixture>(m_folder.path().toStdString());
        VERIFY_OK(m_store->open());
        m_keyring = std::make_unique<access::Keyring>(std::string(32, 's'), m_clock);
        m_keyring->add({"AKOWNER", "ownersecret", kAccount});
        m_service = std::make_unique<S3Service>(S3Service::Rooms{.store = m_store->store(),
                                                                 .keyring = *m_keyring,
                                                                 .policy = m_policy,
                                                                 .clock = m_clock,
                                                                 .region = "local",
                                                                 .disk = &m_store->disk()});
        auto server = gateway::HttpServer::listen(io(), {.address = "127.0.0.1:0"}, [this](http::Exchange& exchange) {
            return m_service->handle(exchange, std::nullopt);
        });
        VERIFY_OK(server);
        m_server = std::move(*server);
        QFile config(path("s3cfg"));
        QVERIFY(config.open(QIODevice::WriteOnly));
        const auto address = QString::fromStdString(m_server->address());
        config.write(QString("[default]\naccess_key = AKOWNER\nsecret_key = ownersecret\nhost_base = %1\n"
                             "host_bucket = %1\nuse_https = False\nbucket_location = local\n")
                         .arg(address)
                         .toUtf8());
    }

    void cleanupTestCase() {
        m_server.reset();
        m_service.reset();
        m_store.reset();
    }

    void awscliDoesEveryOperation() {
        ok(aws({"s3api", "create-bucket", "--bucket", "cli", "--create-bucket-configuration",
                "LocationConstraint=local"}));
        ok(aws({"s3api", "head-bucket", "--bucket", "cli"}));
        QVERIFY(ok(aws({"s3api", "get-bucket-location", "--bucket", "cli"})).contains("local"));
        QVERIFY(ok(aws({"s3api", "get-bucket-acl", "--bucket", "cli"})).contains("FULL_CONTROL"));
        ok(aws({"s3api", "put-bucket-acl", "--bucket", "cli", "--acl", "private"}));
        QVERIFY(ok(aws({"s3", "ls"})).contains("cli"));

        const auto keys = QStringList{"plain.txt",     "with space.txt", "a+b.txt", "per%cent%20.txt",
                                      "函数/视频.txt", "amp&=q?.txt",    "x",       "x/below"};
        for (const auto& key : keys) {
            const auto bytes = ("bytes of " + key).toUtf8();
            file("up", bytes);
            ok(aws({"s3", "cp", path("up"), "s3://cli/" + key}));
            ok(aws({"s3", "cp", "s3://cli/" + key, path("down")}));
            QCOMPARE(read("down"), bytes);
        }
        const auto listed = ok(aws({"s3api", "list-objects-v2", "--bucket", "cli", "--query", "Contents[].Key"}));
        const auto old =
            ok(aws({"s3api", "list-objects", "--bucket", "cli", "--query", "Contents[].Key", "--page-size", "3"}));
        QCOMPARE(QString(listed).remove(' '), QString(old).remove(' '));
        for (const auto* escaped : {"with space.txt", "a+b.txt", "per%cent%20.txt", "amp&=q?.txt"}) {
            QVERIFY2(listed.contains(escaped), qPrintable(listed));
        }
        file("empty", {});
        ok(aws({"s3", "cp", path("empty"), "s3://cli/empty"}));
        QVERIFY(
            ok(aws({"s3api", "head-object", "--bucket", "cli", "--key", "empty"})).contains("\"ContentLength\": 0"));

        ok(aws({"s3api", "put-object", "--bucket", "cli", "--key", "meta", "--body", path("up"), "--metadata",
                "author=me", "--content-type", "video/mp4", "--cache-control", "no-cache"}));
        const auto head = ok(aws({"s3api", "head-object", "--bucket", "cli", "--key", "meta"}));
        QVERIFY(head.contains("\"author\": \"me\"") && head.contains("video/mp4") && head.contains("no-cache"));
        ok(aws({"s3api", "get-object", "--bucket", "cli", "--key", "plain.txt", "--range", "bytes=0-4", path("down")}));
        QCOMPARE(read("down"), QByteArray("bytes"));
        QVERIFY(aws({"s3api", "get-object", "--bucket", "cli", "--key", "plain.txt", "--if-match", "x", path("down")})
                    .err.contains("PreconditionFailed"));
        for (const auto* algorithm : {"CRC32", "SHA1", "SHA256"}) {
            ok(aws({"s3api", "put-object", "--bucket", "cli", "--key", "sum", "--body", path("up"),
                    "--checksum-algorithm", algorithm}));
            ok(aws({"s3api", "get-object", "--bucket", "cli", "--key", "sum", "--checksum-mode", "ENABLED",
                    path("down")}));
        }
        ok(aws({"s3api", "copy-object", "--bucket", "cli", "--key", "copied", "--copy-source", "cli/plain.txt"}));
        ok(aws({"s3", "cp", "s3://cli/with space.txt", "s3://cli/copy of it"}));
        ok(aws({"s3", "mv", "s3://cli/copied", "s3://cli/moved"}));
        QVERIFY(aws({"s3api", "head-object", "--bucket", "cli", "--key", "copied"}).err.contains("404"));
        ok(aws({"s3api", "delete-object", "--bucket", "cli", "--key", "moved"}));
        ok(aws(
            {"s3api", "delete-objects", "--bucket", "cli", "--delete", "Objects=[{Key=meta},{Key=sum}],Quiet=false"}));
        QVERIFY(
            aws({"s3api", "get-object", "--bucket", "cli", "--key", "meta", path("down")}).err.contains("NoSuchKey"));
        QVERIFY(aws({"s3", "rb", "s3://cli"}).err.contains("BucketNotEmpty"));
        QVERIFY(aws({"s3", "ls", "s3://cli"}, "wrong").err.contains("SignatureDoesNotMatch"));
        QVERIFY(aws({"s3api", "put-bucket-acl", "--bucket", "cli", "--acl", "public-read"})
                    .err.contains("AccessControlListNotSupported"));
    }

    void awscliUploadsInParts() {
        ok(aws({"s3", "mb", "s3://parts"}));
        QByteArray bytes;
        for (int i = 0; bytes.size() < 20 << 20; ++i) {
            bytes += QByteArray::number(i);
        }
        file("large", bytes);
        ok(aws({"s3", "cp", path("large"), "s3://parts/large"}));  // above 8 MiB awscli makes parts
        ok(aws({"s3", "cp", "s3://parts/large", path("down")}));
        QVERIFY(read("down") == bytes);
        QVERIFY(
            ok(aws({"s3api", "head-object", "--bucket", "parts", "--key", "large", "--query", "ETag"})).contains("-3"));
        ok(aws({"s3", "cp", "s3://parts/large", "s3://parts/copied"}));  // and copies them as parts
        ok(aws({"s3", "cp", "s3://parts/copied", path("down")}));
        QVERIFY(read("down") == bytes);

        file("six", bytes.left(6 << 20));
        const auto id = ok(aws({"s3api", "create-multipart-upload", "--bucket", "parts", "--key", "by-hand", "--query",
                                "UploadId", "--output", "text"}))
                            .trimmed();
        QVERIFY(ok(aws({"s3api", "list-multipart-uploads", "--bucket", "parts"})).contains(id));
        const auto etag = ok(aws({"s3api", "upload-part", "--bucket", "parts", "--key", "by-hand", "--upload-id", id,
                                  "--part-number", "1", "--body", path("six"), "--query", "ETag", "--output", "text"}))
                              .trimmed();
        const auto copied = ok(aws({"s3api", "upload-part-copy", "--bucket", "parts", "--key", "by-hand", "--upload-id",
                                    id, "--part-number", "2", "--copy-source", "parts/large", "--copy-source-range",
                                    "bytes=0-99", "--query", "CopyPartResult.ETag", "--output", "text"}))
                                .trimmed();
        QVERIFY(ok(aws({"s3api", "list-parts", "--bucket", "parts", "--key", "by-hand", "--upload-id", id}))
                    .contains("\"PartNumber\": 2"));
        ok(aws({"s3api", "complete-multipart-upload", "--bucket", "parts", "--key", "by-hand", "--upload-id", id,
                "--multipart-upload",
                QString("Parts=[{ETag=%1,PartNumber=1},{ETag=%2,PartNumber=2}]").arg(etag, copied)}));
        ok(aws({"s3", "cp", "s3://parts/by-hand", path("down")}));
        QVERIFY(read("down") == bytes.left(6 << 20) + bytes.left(100));
        const auto other = ok(aws({"s3api", "create-multipart-upload", "--bucket", "parts", "--key", "gone", "--query",
                                   "UploadId", "--output", "text"}))
                               .trimmed();
        ok(aws({"s3api", "abort-multipart-upload", "--bucket", "parts", "--key", "gone", "--upload-id", other}));
        ok(aws({"s3", "rb", "--force", "s3://parts"}));
    }

    void s3cmdDoesEveryOperation() {
        ok(s3cmd({"mb", "s3://cmd"}));
        QVERIFY(ok(s3cmd({"ls"})).contains("s3://cmd"));
        QVERIFY(ok(s3cmd({"info", "s3://cmd"})).contains("local"));
        for (const auto& key : QStringList{"plain", "with space", "a+b", "per%20cent", "函数/视频"}) {
            const auto bytes = ("s3cmd " + key).toUtf8();
            file("up", bytes);
            ok(s3cmd({"put", path("up"), "s3://cmd/" + key}));
            ok(s3cmd({"get", "--force", "s3://cmd/" + key, path("down")}));
            QCOMPARE(read("down"), bytes);
        }
        file("empty", {});
        ok(s3cmd({"put", path("empty"), "s3://cmd/empty"}));
        QVERIFY(ok(s3cmd({"ls", "s3://cmd"})).contains("with space"));
        QVERIFY(ok(s3cmd({"ls", "--recursive", "s3://cmd/"})).contains("函数/视频"));
        QVERIFY(ok(s3cmd({"info", "s3://cmd/plain"})).contains("FULL_CONTROL"));
        ok(s3cmd({"setacl", "--acl-private", "s3://cmd/plain"}));
        ok(s3cmd({"cp", "s3://cmd/plain", "s3://cmd/copy"}));
        ok(s3cmd({"mv", "s3://cmd/copy", "s3://cmd/moved"}));
        ok(s3cmd({"modify", "--add-header=x-amz-meta-a:1", "s3://cmd/moved"}));
        file("large", QByteArray(16 << 20, 'L'));
        ok(s3cmd({"put", "--multipart-chunk-size-mb=5", path("large"), "s3://cmd/large"}));
        ok(s3cmd({"get", "--force", "s3://cmd/large", path("down")}));
        QVERIFY(read("down") == QByteArray(16 << 20, 'L'));
        ok(s3cmd({"du", "s3://cmd"}));
        ok(s3cmd({"del", "s3://cmd/moved"}));
        ok(s3cmd({"del", "--recursive", "--force", "s3://cmd"}));
        ok(s3cmd({"rb", "s3://cmd"}));
    }

    void aBodyLargerThanTheMemoryPassesInBothDirections() {
        ok(aws({"s3", "mb", "s3://stream"}));
        constexpr qint64 kSize = 300LL << 20;
        QFile large(path("large"));
        QVERIFY(large.open(QIODevice::WriteOnly | QIODevice::Truncate));
        QVERIFY(large.resize(kSize));
        large.close();
        ::malloc_trim(0);  // what earlier tests freed must not hide what this one takes
        const auto before = residentKilobytes();
        long peak = 0;
        std::atomic<bool> done{false};
        std::thread watch([&] {
            while (!done) {
                peak = std::max(peak, residentKilobytes());
                std::this_thread::sleep_for(std::chrono::milliseconds{5});
            }
        });
        const auto put = aws({"s3api", "put-object", "--bucket", "stream", "--key", "k", "--body", path("large")});
        const auto got = aws({"s3api", "get-object", "--bucket", "stream", "--key", "k", path("down")});
        done = true;
        watch.join();
        ok(put);
        ok(got);
        QCOMPARE(QFile(path("down")).size(), kSize);
        QVERIFY2(peak - before < 32 * 1024, qPrintable(QString("grew by %1 KiB").arg(peak - before)));
        qInfo("memory grew by %ld KiB", peak - before);
        QFile::remove(path("large"));
        QFile::remove(path("down"));
    }

private:
    QString path(const QString& name) const { return m_folder.path() + "/" + name; }
    void file(const QString& name, const QByteArray& bytes) {
        QFile out(path(name));
        QVERIFY(out.open(QIODevice::WriteOnly | QIODevice::Truncate));
        QCOMPARE(out.write(bytes), qint64{bytes.size()});
    }
    QByteArray read(const QString& name) {
        QFile in(path(name));
        return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray("unreadable");
    }

    Ran execute(const QString& program, const QStringList& arguments, const QProcessEnvironment& environment) {
        QProcess process;
        process.setProcessEnvironment(environment);
        process.start(program, arguments);
        constexpr int kDeadline = 180'000;
        if (!process.waitForFinished(kDeadline)) {
            process.kill();
            process.waitForFinished();
        }
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
                QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
    }

    // Only what the test says: no configuration and no proxy of whoever runs it.
    QProcessEnvironment environment() const {
        QProcessEnvironment made;
        made.insert("PATH", "/usr/bin:/bin");
        made.insert("HOME", m_folder.path());
        made.insert("LANG", "C.UTF-8");
        return made;
    }

    Ran aws(QStringList arguments, const char* secret = "ownersecret") {
        auto made = environment();
        made.insert("AWS_ACCESS_KEY_ID", "AKOWNER");
        made.insert("AWS_SECRET_ACCESS_KEY", secret);
        made.insert("AWS_DEFAULT_REGION", "local");
        made.insert("AWS_EC2_METADATA_DISABLED", "true");
        made.insert("AWS_MAX_ATTEMPTS", "1");
        arguments << "--endpoint-url" << "http://" + QString::fromStdString(m_server->address());
        return execute("/usr/bin/aws", arguments, made);
    }
    Ran s3cmd(const QStringList& arguments) {
        return execute("/usr/bin/s3cmd", QStringList{"--config", path("s3cfg"), "--no-progress"} + arguments,
                       environment());
    }
    QString ok(const Ran& ran) {
        [&] { QVERIFY2(ran.code == 0, qPrintable(ran.out + ran.err)); }();
        return ran.out;
    }

    QTemporaryDir m_folder;
    SystemClock m_clock;
    access::Policy m_policy;
    std::unique_ptr<StoreFixture> m_store;
    std::unique_ptr<access::Keyring> m_keyring;
    std::unique_ptr<S3Service> m_service;
    std::unique_ptr<gateway::HttpServer> m_server;
};

QTEST_GUILESS_MAIN(TestS3Clients)
#include "tst_s3_clients.moc"
