// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/time_format.h"
#include "cli/address.h"
#include "cli/arn_forms.h"
#include "cli/failure.h"
#include "cli/table.h"
#include "cli/text.h"

#include <pwd.h>
#include <unistd.h>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <sstream>

using namespace hanshu;
using namespace hanshu::cli;

namespace {

const Home kHome{"local", "123"};

Environment environment(std::map<std::string, std::string> variables, std::vector<std::string> files = {}) {
    return {[variables](const char* name) {
                const auto found = variables.find(name);
                return found == variables.end() ? std::string() : found->second;
            },
            [files](const std::string& path) { return std::ranges::find(files, path) != files.end(); }};
}

}  // namespace

class TestCliText : public QObject {
    Q_OBJECT

private slots:
    void columnsLineUpWhateverTheScript() {
        Table table({{"NAME"}, {"SIZE", Align::Right}, {"NOTE"}});
        table.add({"函数", "1 B", "wide"});
        table.add({"e\xcc\x81t\xc3\xa9", "1024.0 KiB", ""});
        table.add({"😀", "5", "x\x1b[31m"});
        std::ostringstream out;
        table.print(out);
        QCOMPARE(out.str(), std::string("NAME        SIZE  NOTE\n"
                                        "函数         1 B  wide\n"
                                        "e\xcc\x81t\xc3\xa9   1024.0 KiB  -\n"
                                        "😀             5  x\\x1b[31m\n"));
    }

    void aTextFromElsewhereCannotSteerTheTerminal() {
        QCOMPARE(printable("a\x1b]0;title\x07"), std::string("a\\x1b]0;title\\x07"));
        QCOMPARE(printable("tab\tstays\r\n"), std::string("tab\tstays\\x0d\\x0a"));
        QCOMPARE(printable("\xff\xc0\xafok"), std::string("\\xff\\xc0\\xafok"));
        QCOMPARE(printable("\xc2\x9b"), std::string("\\xc2\\x9b"));           // CSI in one character
        QCOMPARE(printable("\xe2\x80\xae"), std::string("\\xe2\\x80\\xae"));  // right-to-left override
        QCOMPARE(printable("函数 ü 😀"), std::string("函数 ü 😀"));
        QCOMPARE(displayWidth("\xe5\x87"), std::size_t{2});  // two broken bytes, a column each
    }

    void sizesAndTimesReadWell() {
        QCOMPARE(formatSize(0), std::string("0 B"));
        QCOMPARE(formatSize(1023), std::string("1023 B"));
        QCOMPARE(formatSize(1024), std::string("1.0 KiB"));
        QCOMPARE(formatSize(1024 * 1024 - 1), std::string("1.0 MiB"));
        QCOMPARE(formatSize(5.5 * 1024 * 1024 * 1024), std::string("5.5 GiB"));
        QCOMPARE(formatMicroseconds(0), std::string("0.0 ms"));
        QCOMPARE(formatMicroseconds(4'230), std::string("4.2 ms"));
        QCOMPARE(formatMicroseconds(123'456), std::string("123 ms"));
        QCOMPARE(formatMicroseconds(1'234'567), std::string("1.23 s"));
        QCOMPARE(formatMicroseconds(125e6), std::string("2m 05s"));
        const SystemTime now{std::chrono::seconds{1'700'000'000}};
        QCOMPARE(formatWhen(0.0, now), std::string("-"));
        QCOMPARE(formatWhen(unixMilliseconds(now), now), std::string("now"));
        QCOMPARE(formatWhen(unixMilliseconds(now - std::chrono::seconds{61}), now), std::string("1 minute ago"));
        QCOMPARE(formatWhen(unixMilliseconds(now + std::chrono::hours{2}), now), std::string("in 2 hours"));
        QVERIFY(formatWhen(unixMilliseconds(now - std::chrono::hours{48}), now).starts_with("2023-11-1"));
        QCOMPARE(formatWhen("not a time", now), std::string("not a time"));
    }

    void durationsAreStrict() {
        using namespace std::chrono_literals;
        QVERIFY(parseDuration("90s").value() == 90s);
        QVERIFY(parseDuration("1h30m").value() == 90min);
        QVERIFY(parseDuration("2d").value() == 48h);
        for (const auto* bad : {"", "5", "h", "1x", "-1h", "1h ", "99999999999s", "1.5h"}) {
            QVERIFY2(!parseDuration(bad).has_value(), bad);
        }
        const SystemTime now{std::chrono::seconds{1'700'000'000}};
        QVERIFY(parseSince("1h", now).value() == now - 1h);
        QVERIFY(parseSince("2023-11-14T00:00:00Z", now).value() == parseRfc3339("2023-11-14T00:00:00Z").value());
        QVERIFY(!parseSince("yesterday", now).has_value());
    }

    void shortNamesStandForArnsAndBack() {
        QCOMPARE(principalArn("bucket:videos", kHome).value(), std::string("acs:oss:local:123:videos"));
        QCOMPARE(principalArn("role:transcoder", kHome).value(), std::string("acs:ram::123:role/transcoder"));
        QCOMPARE(principalArn("trigger:transcode/on-timer", kHome).value(),
                 std::string("acs:fc:local:123:functions/transcode/triggers/on-timer"));
        QCOMPARE(principalArn("acs:oss:x:y:z", kHome).value(), std::string("acs:oss:x:y:z"));
        QCOMPARE(resourceArn("function:transcode", kHome).value(), std::string("acs:fc:local:123:functions/transcode"));
        QCOMPARE(resourceArn("object:outputs/out/*", kHome).value(), std::string("acs:oss:local:123:outputs/out/*"));
        QCOMPARE(resourceArn("object:outputs", kHome).value(), std::string("acs:oss:local:123:outputs/*"));
        QCOMPARE(resourceArn("object:outputs/", kHome).value(), std::string("acs:oss:local:123:outputs/*"));
        QCOMPARE(resourceArn("bucket:outputs", kHome).value(), std::string("acs:oss:local:123:outputs"));
        QCOMPARE(resourceArn("*", kHome).value(), std::string("*"));
        QCOMPARE(roleArn("transcoder", kHome).value(), std::string("acs:ram::123:role/transcoder"));
        for (const auto* bad : {"videos", "bucket:", "bucket:a/b", "trigger:f", "trigger:/t", "trigger:f/", "user:x"}) {
            QVERIFY2(!principalArn(bad, kHome).has_value(), bad);
        }
        for (const auto* bad : {"transcode", "function:", "object:", "object:/k", "bucket:a/b", "role:r"}) {
            QVERIFY2(!resourceArn(bad, kHome).has_value(), bad);
        }
        for (const auto* form : {"bucket:videos", "object:videos/in/*", "function:f", "trigger:f/t", "role:r"}) {
            const auto arn = std::string_view(form).starts_with("object") || std::string_view(form).starts_with("func")
                                 ? resourceArn(form, kHome)
                                 : principalArn(form, kHome);
            QCOMPARE(shortForm(arn.value(), kHome), std::string(form));
        }
        QCOMPARE(shortForm("acs:oss:local:999:videos", kHome), std::string("acs:oss:local:999:videos"));
    }

    void theServerIsFoundInItsOrder() {
        ServerOptions options;
        const auto both =
            environment({{"HANSHU_SERVER", "host:1"}, {"HOME", "/home/u"}}, {"/var/lib/hanshu/hanshu.sock"});
        QCOMPARE(serverAddress(options, both).value(), std::string("host:1"));
        options.server = "unix:/run/h.sock";
        QCOMPARE(serverAddress(options, both).value(), std::string("unix:/run/h.sock"));
        options.server = "/run/h.sock";
        QCOMPARE(serverAddress(options, both).value(), std::string("unix:/run/h.sock"));
        options.server = "nonsense";
        QVERIFY(!serverAddress(options, both).has_value());
        options.server.clear();
        QCOMPARE(serverAddress(options, environment({{"HOME", "/home/u"}}, {"/var/lib/hanshu/hanshu.sock"})).value(),
                 std::string("unix:/var/lib/hanshu/hanshu.sock"));
        QCOMPARE(serverAddress(options, environment({{"HOME", "/home/u"}}, {"/home/u/.local/state/hanshu/hanshu.sock"}))
                     .value(),
                 std::string("unix:/home/u/.local/state/hanshu/hanshu.sock"));
        QCOMPARE(serverAddress(options, environment({{"XDG_STATE_HOME", "/s"}}, {"/s/hanshu/hanshu.sock"})).value(),
                 std::string("unix:/s/hanshu/hanshu.sock"));
        const auto none = serverAddress(options, environment({{"HOME", "/home/u"}}));
        QVERIFY(!none.has_value());
        QCOMPARE(exitFor(none.error()), Exit::Unreachable);
        QVERIFY(explain(none.error()).find("/home/u/.local/state/hanshu/hanshu.sock") != std::string::npos);
    }

    void aSocketOfSomebodyElseIsNamedWithItsOwner() {
        const QTemporaryDir folder;
        const auto path = folder.filePath("h.sock").toStdString();
        std::ofstream(path) << "";
        QVERIFY(mayConnect("unix:" + path).has_value());
        QVERIFY(mayConnect("unix:" + path + ".none").has_value());
        QVERIFY(mayConnect("host:1").has_value());
        const auto refusal = [&path] {
            // Root may open everything.
            constexpr uid_t kNobody = 65534;
            const bool root = ::geteuid() == 0;
            if (root && ::seteuid(kNobody) != 0) {
                qFatal("can't become nobody");
            }
            auto result = mayConnect("unix:" + path);
            if (root && ::seteuid(0) != 0) {
                qFatal("can't become root again");
            }
            return result;
        };
        const auto owner = std::string(::getpwuid(::geteuid())->pw_name);
        std::filesystem::permissions(path, std::filesystem::perms::owner_read);
        std::filesystem::permissions(folder.path().toStdString(), std::filesystem::perms(0755));
        auto denied = refusal();
        QVERIFY(!denied.has_value());
        QCOMPARE(exitFor(denied.error()), Exit::Denied);
        QCOMPARE(std::string(denied.error().param("owner")), owner);
        QVERIFY(explain(denied.error()).find(path) != std::string::npos);
        // In a folder that is closed nothing can be asked for.
        std::filesystem::permissions(folder.path().toStdString(), std::filesystem::perms::none);
        denied = refusal();
        std::filesystem::permissions(folder.path().toStdString(), std::filesystem::perms(0700));
        QVERIFY(!denied.has_value());
        QCOMPARE(std::string(denied.error().param("owner")), owner);
    }

    void theKeyComesFromOptionsFileOrEnvironment() {
        const QTemporaryDir folder;
        const auto file = folder.filePath("credentials.toml").toStdString();
        std::ofstream(file) << "account_id = \"1\"\naccess_key_id = \"LTAIfile\"\naccess_key_secret = \"s\"\n";
        const auto set = environment({{"HANSHU_ACCESS_KEY_ID", "LTAIenv"}, {"HANSHU_ACCESS_KEY_SECRET", "t"}});
        ServerOptions options;
        QCOMPARE(accessKey(options, set).value().id, std::string("LTAIenv"));
        QVERIFY(accessKey(options, environment({})).value().empty());
        options.credentialsFile = file;
        QCOMPARE(accessKey(options, set).value().id, std::string("LTAIfile"));
        options.accessKeyId = "LTAIoption";
        QVERIFY(!accessKey(options, set).has_value());
        options.accessKeySecret = "u";
        QCOMPARE(accessKey(options, set).value().secret, std::string("u"));
        for (const auto* text : {"", "not toml = = =", "access_key_id = \"a\""}) {
            std::ofstream(file) << text;
            QVERIFY2(!accessKey({.server = {}, .accessKeyId = {}, .accessKeySecret = {}, .credentialsFile = file}, set)
                          .has_value(),
                     text);
        }
        QVERIFY(!accessKey({}, environment({{"HANSHU_ACCESS_KEY_ID", "half"}})).has_value());
    }

    void everyKindOfErrorHasItsExitCodeAndRemedy() {
        const auto error = [](Code code, std::string reason) {
            return Error{code, std::move(reason), {{"function", "x"}}, {}};
        };
        QCOMPARE(exitFor(error(Code::InvalidArgument, "Usage")), Exit::Usage);
        QCOMPARE(exitFor(error(Code::NotFound, "FunctionNotFound")), Exit::NotFound);
        QCOMPARE(exitFor(error(Code::PermissionDenied, "AccessDenied")), Exit::Denied);
        QCOMPARE(exitFor(error(Code::Unauthenticated, "SignatureNotMatch")), Exit::Denied);
        QCOMPARE(exitFor(error(Code::AlreadyExists, "FunctionAlreadyExists")), Exit::Conflict);
        QCOMPARE(exitFor(error(Code::FailedPrecondition, "PreconditionFailed")), Exit::Conflict);
        QCOMPARE(exitFor(error(Code::ResourceExhausted, "ResourceExhausted")), Exit::LimitReached);
        QCOMPARE(exitFor(error(Code::Unavailable, "ResourceThrottled")), Exit::LimitReached);
        QCOMPARE(exitFor(error(Code::Unavailable, "ServerUnreachable")), Exit::Unreachable);
        QCOMPARE(exitFor(error(Code::Internal, "InternalServerError")), Exit::Other);
        QCOMPARE(explain(error(Code::NotFound, "FunctionNotFound")),
                 std::string("function 'x' does not exist. See the list: hanshu function list"));
        QCOMPARE(explain({Code::Unknown, "Surprise", {}, "a detail\x1b"}), std::string("Surprise: a detail\\x1b."));
    }
};

QTEST_GUILESS_MAIN(TestCliText)
#include "tst_cli_text.moc"
