// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Whatever a client sends: the documented refusal in the five-key form, nothing half-made, and a daemon that goes on.
#include "../catalog/zip_maker.h"
#include "client.h"
#include "daemon.h"

#include <QDir>
#include <QJsonArray>
#include <QtTest>

using namespace hanshu;
using namespace hanshu::tests;
using test::makeZip;
using test::patched;

namespace {

constexpr const char* kHandler = "def handler(event, context):\n    return event\n";

std::string goodZip() {
    return makeZip({{"index.py", kHandler}});
}

QByteArray creation(const std::string& name, const std::string& zip, const std::string& more = {}) {
    return QByteArray::fromStdString(functionJson(name, zip, more));
}

std::string manyFiles(std::size_t count) {
    std::vector<test::ZipEntry> entries;
    for (std::size_t i = 0; i < count; ++i) {
        entries.push_back({"f" + std::to_string(i), ""});
    }
    return makeZip(entries);
}

// 48 files of 48 MB that each pack to almost nothing.
std::string bomb() {
    std::vector<test::ZipEntry> entries;
    const std::string zeros(48U << 20U, '\0');
    for (int i = 0; i < 48; ++i) {
        entries.push_back({"zeros" + std::to_string(i), zeros});
    }
    return makeZip(entries);
}

}  // namespace

class TestBadInput : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        QVERIFY2(m_daemon.start(), m_daemon.errors().constData());
        m_owner = m_folder.owner();
    }
    // After each case.
    void cleanup() {
        QVERIFY(m_daemon.running());
        const auto listed = jsonOf(send(m_daemon.http(), apiRequest(m_owner, "GET", "functions")));
        QCOMPARE(listed["functions"].toArray().size(), 0);
        for (const QString part : {"packages", "code"}) {
            QTRY_COMPARE(QDir(m_folder.state() + "/" + part).entryList(QDir::AllEntries | QDir::NoDotAndDotDot),
                         QStringList());
        }
        QCOMPARE(get(m_daemon.http(), "/readyz").status, 200U);
    }

    void badFunctionsAreRefused_data() {
        QTest::addColumn<QByteArray>("body");
        const auto row = [](const char* name, const QByteArray& body) { QTest::newRow(name) << body; };
        row("no body", "");
        row("not JSON", "{\"functionName\":");
        row("trailing text", creation("f", goodZip()) + "x");
        row("an array", "[]");
        row("deep nesting", QByteArray(100'000, '['));
        row("not UTF-8", "{\"functionName\":\"\xff\xfe\"}");
        row("unknown field", creation("f", goodZip(), R"(,"memorySzie":128)"));
        row("wrong type", creation("f", goodZip(), R"(,"memorySize":"big")"));
        row("out of range", creation("f", goodZip(), R"(,"memorySize":1)"));
        row("overflow", creation("f", goodZip(), R"(,"timeout":99999999999999999999)"));
        row("a fraction", creation("f", goodZip(), R"(,"timeout":1.5)"));
        row("unknown runtime", R"({"functionName":"f","runtime":"cobol","handler":"a.b"})");
        row("name with a slash", creation("a/b", goodZip()));
        row("name with a digit first", creation("1a", goodZip()));
        row("name is dots", creation("..", goodZip()));
        row("empty name", creation("", goodZip()));
        row("long name", creation(std::string(65, 'n'), goodZip()));
        row("name with a NUL", creation("a\\u0000b", goodZip()));
        row("no code", R"({"functionName":"f","runtime":"python3.11","handler":"index.handler"})");
        row("not base64", R"({"functionName":"f","runtime":"python3.11","handler":"index.handler",)"
                          R"("code":{"zipFile":"*not base64*"}})");
        row("code in no bucket", R"({"functionName":"f","runtime":"python3.11","handler":"index.handler",)"
                                 R"("code":{"ossBucketName":"nowhere","ossObjectName":"f.zip"}})");
    }
    void badFunctionsAreRefused() {
        QFETCH(QByteArray, body);
        expectRefusal(apiRequest(m_owner, "POST", "functions", body.toStdString()));
    }

    void badPackagesAreRefused_data() {
        QTest::addColumn<QByteArray>("zip");
        const auto row = [](const char* name, const std::string& zip) {
            QTest::newRow(name) << QByteArray::fromStdString(zip);
        };
        row("empty", "");
        row("no zip", "this is text");
        row("no file", makeZip({{"only/", "", AE_IFDIR, 0755}}));
        row("truncated", goodZip().substr(0, goodZip().size() / 2));
        row("without its end", goodZip().substr(0, goodZip().size() - 10));
        row("dot dot", makeZip({{"../evil.py", "x"}}));
        row("absolute", makeZip({{"/etc/evil", "x"}}));
        row("symbolic link out", makeZip({{"f", "x"}, {"l", "", AE_IFLNK, 0777, "../../../etc/passwd"}}));
        row("absolute symbolic link", makeZip({{"f", "x"}, {"l", "", AE_IFLNK, 0777, "/etc/passwd"}}));
        row("file through a link", makeZip({{"d", "", AE_IFLNK, 0777, "/tmp"}, {"d/evil", "x"}}));
        row("duplicate", makeZip({{"a.py", "1"}, {"a.py", "2"}}));
        row("case twins", makeZip({{"A.py", "1"}, {"a.py", "2"}}));
        row("name not UTF-8", patched(makeZip({{"cafX.py", "x"}}), "cafX.py", "caf\xe9.py"));
        row("100,000 files", manyFiles(100'000));
        row("bomb", bomb());
    }
    void badPackagesAreRefused() {
        QFETCH(QByteArray, zip);
        expectRefusal(apiRequest(m_owner, "POST", "functions", functionJson("f", zip.toStdString())));
    }

    void badSignaturesAreRefused() {
        using namespace std::chrono_literals;
        const auto now = Signing{}.now;
        const auto list = [&](const access::AccessKey& key, const Signing& signing) {
            return apiRequest(key, "GET", "functions", {}, {}, signing);
        };
        const Signing old{now - 1h, newUuid()};
        const Signing future{now + 1h, newUuid()};
        expectRefusal(list(m_owner, old), 403, "RequestExpired");
        expectRefusal(list(m_owner, future), 403, "RequestExpired");
        const access::AccessKey stranger{"LTAInobody", m_owner.secret, m_owner.account};
        const access::AccessKey liar{m_owner.id, "wrong", m_owner.account};
        expectRefusal(list(stranger, {}), 403, "InvalidAccessKeyID");
        expectRefusal(list(liar, {}), 403, "SignatureNotMatch");
        const auto once = list(m_owner, {});
        QCOMPARE(send(m_daemon.http(), once).status, 200U);
        expectRefusal(once, 403, "RequestReplayed");
        auto changed = apiRequest(m_owner, "POST", "functions", functionJson("f", goodZip()));
        changed[changed.size() - 2] = ' ';
        expectRefusal(changed, 403, "SignatureNotMatch");
        expectRefusal("GET /2023-03-30/functions HTTP/1.1\r\nHost: x\r\n\r\n", 400, "MissingRequiredHeader");
    }

    void badRequestsAreRefused_data() {
        QTest::addColumn<QByteArray>("bytes");
        const auto row = [](const char* name, const QByteArray& bytes) { QTest::newRow(name) << bytes; };
        row("not HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n");
        row("headers over 8 KiB", "GET /readyz HTTP/1.1\r\nHost: x\r\nX: " + QByteArray(9000, 'x') + "\r\n\r\n");
        row("two lengths",
            "POST /2023-03-30/functions HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
            "Content-Length: 2\r\n\r\nab");
        row("length and chunks",
            "POST /2023-03-30/functions HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        row("negative length", "POST /2023-03-30/functions HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n");
        row("no such path", "GET /2023-03-30/nothing HTTP/1.1\r\nHost: x\r\n\r\n");
        row("no such place", "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n");
        row("no such method", "BREW /2023-03-30/functions HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    void badRequestsAreRefused() {
        QFETCH(QByteArray, bytes);
        expectRefusal(bytes.toStdString());
    }

    void payloadsOverTheLimitAreRefused() {
        const auto made = send(m_daemon.http(), apiRequest(m_owner, "POST", "functions", functionJson("f", goodZip())));
        QVERIFY2(made.status == 200, made.body.c_str());
        const std::string tooMuch((33U << 20U), 'x');
        expectRefusal(apiRequest(m_owner, "POST", "functions/f/invocations", tooMuch), 400, "EntityTooLarge");
        const std::string tooMuchAsync(129U << 10U, 'x');
        const HeaderList async{{"X-Fc-Invocation-Type", "Async"}};
        expectRefusal(apiRequest(m_owner, "POST", "functions/f/invocations", tooMuchAsync, async), 400,
                      "EntityTooLarge");
        const auto whole = send(m_daemon.http(), apiRequest(m_owner, "POST", "functions/f/invocations", "fits"));
        QCOMPARE(whole.body, std::string("fits"));
        const std::string most(std::size_t{32} << 20U, 'y');
        const auto largest = send(m_daemon.http(), apiRequest(m_owner, "POST", "functions/f/invocations", most));
        QVERIFY2(largest.status == 200 && largest.body == most, largest.body.substr(0, 300).c_str());
        expectRefusal(apiRequest(m_owner, "POST", "functions/f/invocations", "", {{"X-Fc-Invocation-Type", "Later"}}));
        expectRefusal(apiRequest(m_owner, "POST", "functions/f/invocations?qualifier=%ff", ""));
        expectRefusal(apiRequest(m_owner, "POST", "functions/g/invocations", ""), 404, "FunctionNotFound");
        const auto badUpdate = functionJson("f", makeZip({{"../evil", "x"}}));
        expectRefusal(apiRequest(m_owner, "PUT", "functions/f", badUpdate));
        const auto still = send(m_daemon.http(), apiRequest(m_owner, "POST", "functions/f/invocations", "still"));
        QCOMPARE(still.body, std::string("still"));
        QCOMPARE(send(m_daemon.http(), apiRequest(m_owner, "DELETE", "functions/f")).status, 204U);
    }

private:
    void expectRefusal(const std::string& bytes, unsigned status = 0, const char* code = nullptr) {
        const auto answer = send(m_daemon.http(), bytes, std::chrono::seconds{60});
        QVERIFY2(status != 0 ? answer.status == status : answer.status >= 400 && answer.status < 500,
                 fmt::format("{} {}", answer.status, answer.body).c_str());
        const auto fields = jsonOf(answer);
        auto keys = fields.keys();
        QCOMPARE(keys, QStringList({"Code", "ErrorCode", "ErrorMessage", "Message", "RequestId"}));
        for (const auto& key : keys) {
            QVERIFY2(!fields[key].toString().isEmpty(), answer.body.c_str());
        }
        QCOMPARE(fields["Code"], fields["ErrorCode"]);
        QCOMPARE(fields["Message"], fields["ErrorMessage"]);
        if (code != nullptr) {
            QCOMPARE(fields["Code"].toString(), QString(code));
        }
    }

    StateFolder m_folder;
    Daemon m_daemon{m_folder};
    access::AccessKey m_owner;
};

QTEST_GUILESS_MAIN(TestBadInput)
#include "tst_bad_input.moc"
