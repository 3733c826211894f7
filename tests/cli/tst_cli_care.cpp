// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a careful person tries: odd targets, lost output, slips of the pen, names that nothing has.

#include "cli/shell.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <QTemporaryDir>
#include <boost/json.hpp>
#include <future>
#include <streambuf>

using namespace hanshu;
using hanshu::tests::Answer;
using hanshu::tests::GrpcFixture;
using hanshu::tests::has;
using hanshu::tests::Shell;
namespace fs = std::filesystem;

namespace {

// As /dev/full: nothing can be written.
class Full final : public std::streambuf {
    int_type overflow(int_type /*c*/) override { return traits_type::eof(); }
    int sync() override { return -1; }
};

std::string contentOf(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

mode_t modeOf(const fs::path& path) {
    struct stat status{};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_mode : 0;
}

void putObject(Shell& hanshu, const std::string& text) {
    EXIT(hanshu({"bucket", "create", "things"}), 0);
    EXIT(hanshu({"object", "put", "-", "things/k"}, text), 0);
}

void storeLines(Shell& hanshu, int count) {
    telemetry::RunRecord record;
    record.account = GrpcFixture::kAccount;
    record.invocation.set_function_name("echo");
    record.invocation.set_status("Succeeded");
    const auto start = std::chrono::floor<std::chrono::hours>(SystemClock().now() - std::chrono::hours(1));
    for (int i = 1; i <= count; ++i) {
        record.lines.push_back(
            {.time = start + std::chrono::milliseconds(i), .message = "line " + std::to_string(i) + "."});
    }
    hanshu.house.recorder->record(std::move(record));
    hanshu.house.recorder->flush();
}

}  // namespace

class TestCliCare : public QObject {
    Q_OBJECT

private slots:
    void anObjectIsWrittenIntoWhatIsNoFile() {
        Shell hanshu;
        putObject(hanshu, "through the pipe");
        const auto pipe = hanshu.folder.filePath("pipe").toStdString();
        QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
        // A reader that is there before keeps the writer from waiting for one.
        const UniqueFd reader(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        EXIT(hanshu({"object", "get", "things/k", pipe}), 0);
        QVERIFY(S_ISFIFO(modeOf(pipe)));
        std::string got(64, '\0');
        const auto count = ::read(reader.get(), got.data(), got.size());
        QCOMPARE(got.substr(0, static_cast<std::size_t>(std::max<ssize_t>(count, 0))), std::string("through the pipe"));
    }

    void anObjectFollowsLinksAndKeepsTheModeOfItsFile() {
        Shell hanshu;
        putObject(hanshu, "new");
        const auto file = hanshu.file("real/secret", "a longer text than the new one");
        fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
        const fs::path link = hanshu.folder.filePath("link").toStdString();
        fs::create_symlink("real/secret", link);
        EXIT(hanshu({"object", "get", "things/k", link.string()}), 0);
        QVERIFY(fs::is_symlink(link));
        QCOMPARE(contentOf(file), std::string("new"));
        QCOMPARE(modeOf(file) & 07777U, 0600U);
        // A link to nothing makes the file that it names.
        const fs::path dangling = hanshu.folder.filePath("dangling").toStdString();
        fs::create_symlink("real/made", dangling);
        EXIT(hanshu({"object", "get", "things/k", dangling.string()}), 0);
        QVERIFY(fs::is_symlink(dangling));
        QCOMPARE(contentOf(hanshu.folder.filePath("real/made").toStdString()), std::string("new"));
        QCOMPARE(std::distance(fs::directory_iterator(fs::path(file).parent_path()), {}), 2);
    }

    void outputThatIsLostIsAnError() {
        Shell hanshu;
        EXIT(hanshu.deploy("echo"), 0);
        putObject(hanshu, "bytes");
        for (const std::vector<std::string>& arguments : {std::vector<std::string>{"object", "get", "things/k", "-"},
                                                          {"invoke", "echo", "-d", "x"},
                                                          {"invoke", "echo", "-d", "x", "-o", "json"},
                                                          {"function", "list"},
                                                          {"function", "get", "echo"},
                                                          {"completion", "bash"},
                                                          {"--help"},
                                                          {"--version"},
                                                          {"bucket", "list", "-o", "json"}}) {
            Full full;
            std::ostream out(&full);
            const auto answer = hanshu.into(out, arguments);
            QVERIFY2(answer.exit == 10, arguments.front().c_str());
            QVERIFY2(has(answer.err, "can't write to standard output"), answer.err.c_str());
        }
    }

    void aPayloadThatIsNoneIsRefusedInWords() {
        Shell hanshu;
        EXIT(hanshu.deploy("echo"), 0);
        const auto folder = hanshu.folder.path().toStdString();
        for (const auto* command : {"invoke", "async"}) {
            auto answer = hanshu({command, "echo", "-f", folder});
            EXIT(answer, 2);
            QVERIFY2(has(answer.err, "Is a directory"), answer.err.c_str());
            answer = hanshu({command, "echo", "-f", hanshu.file("large", std::string(40U << 20U, 'x'))});
            EXIT(answer, 2);
            QVERIFY2(has(answer.err, "larger than 32 MiB"), answer.err.c_str());
        }
    }

    void aSlipIsNamedWithTheNearestCommand() {
        Shell hanshu;
        const std::vector<std::pair<std::vector<std::string>, std::string>> slips{
            {{"invok", "echo"}, "'invok' is no command; did you mean 'invoke'?"},
            {{"-o", "json", "staus"}, "'staus' is no command; did you mean 'status'?"},
            {{"function", "frob"}, "'frob' is no command of hanshu function: there are deploy"},
            {{"trigger", "craete", "hello"}, "'craete' is no command of hanshu trigger; did you mean 'create'?"},
            {{"function"}, "A subcommand is required"}};
        for (const auto& [arguments, says] : slips) {
            const auto answer = hanshu(arguments);
            EXIT(answer, 2);
            QVERIFY2(has(answer.err, says), answer.err.c_str());
        }
        const auto help = hanshu({"help", "function", "deploy"});
        EXIT(help, 0);
        QVERIFY2(has(help.out, "--handler"), help.out.c_str());
        EXIT(hanshu({"help"}), 0);
    }

    void whatIsNotUtf8IsNamed() {
        Shell hanshu;
        const std::string broken = "caf\xe9";
        for (const auto& [arguments, says] : std::vector<std::pair<std::vector<std::string>, std::string>>{
                 {{"invoke", broken}, "name is not UTF-8: 'caf\\xe9'"},
                 {{"invoke", "echo", "--data", broken}, "--data is not UTF-8"},
                 {{"object", "ls", broken}, "place is not UTF-8"},
                 {{"grant", "add", "g", "--principal", "role:r", "--action", broken, "--resource", "*"},
                  "--action is not UTF-8"}}) {
            const auto answer = hanshu(arguments);
            EXIT(answer, 2);
            QVERIFY2(has(answer.err, says), answer.err.c_str());
        }
        // A path may have any bytes, but no key.
        EXIT(hanshu({"bucket", "create", "things"}), 0);
        const auto path = hanshu.file("odd", "x") + broken;
        fs::rename(hanshu.folder.filePath("odd").toStdString(), path);
        EXIT(hanshu({"object", "put", path, "things/name"}), 0);
        auto answer = hanshu({"object", "put", path, "things/"});
        EXIT(answer, 2);
        QVERIFY2(has(answer.err, "is not UTF-8"), answer.err.c_str());
        fs::remove(path);  // QTemporaryDir can't name it
    }

    void logsSayThatThereAreMoreAndGiveThemAll() {
        Shell hanshu;
        storeLines(hanshu, 2500);
        const auto count = [](const Answer& answer) { return std::ranges::count(answer.out, '\n'); };
        auto some = hanshu({"logs", "echo"});
        EXIT(some, 0);
        QCOMPARE(count(some), 100);
        QVERIFY(has(some.out, "line 2401.") && !has(some.out, "line 2400."));
        QVERIFY2(has(some.err, "newest 100 lines") && has(some.err, "--all"), some.err.c_str());
        auto many = hanshu({"logs", "echo", "-n", "2400"});
        QCOMPARE(count(many), 2400);
        QVERIFY(has(many.out, "line 101.") && !has(many.out, "line 100."));
        for (const std::vector<std::string>& arguments :
             {std::vector<std::string>{"logs", "echo", "-n", "0"}, {"logs", "--all"}, {"logs", "-n", "2500"}}) {
            const auto all = hanshu(arguments);
            EXIT(all, 0);
            QCOMPARE(count(all), 2500);
            QVERIFY(all.err.empty());
            QVERIFY(all.out.find("line 1.") < all.out.find("line 1000.") &&
                    all.out.find("line 1000.") < all.out.find("line 2500."));
        }
        const auto json = boost::json::parse(hanshu({"logs", "-n", "1", "-o", "json"}).out).as_array();
        QVERIFY(json[0].at("time").as_string().ends_with(":00:02.500Z"));
        EXIT(hanshu({"logs", "--all", "-n", "5"}), 2);
    }

    void aFunctionThatDoesNotExistIsNotAnEmptyList() {
        Shell hanshu;
        for (const std::vector<std::string>& arguments : {std::vector<std::string>{"logs", "nope"},
                                                          {"logs", "nope", "-f"},
                                                          {"events", "nope"},
                                                          {"invocations", "nope"},
                                                          {"invocations", "nope", "-f"},
                                                          {"events", "redrive", "--all-of", "nope"},
                                                          {"events", "rm", "--all-of", "nope"}}) {
            const auto answer = hanshu(arguments);
            EXIT(answer, 3);
            QVERIFY2(has(answer.err, "function 'nope' does not exist"), answer.err.c_str());
        }
        EXIT(hanshu.deploy("quiet"), 0);
        for (const auto* command : {"logs", "events", "invocations"}) {
            EXIT(hanshu({command, "quiet"}), 0);
        }
        EXIT(hanshu({"invocations", "--status", "Foo"}), 2);
        EXIT(hanshu({"events", "--state", "Foo"}), 2);
        EXIT(hanshu({"invocations", "--status", "FunctionError"}), 0);
    }

    void whatIsRemovedIsSaidInBothFormats() {
        Shell hanshu;
        putObject(hanshu, "x");
        QVERIFY(has(hanshu({"object", "rm", "things/other"}).err, "things/other was not there"));
        QVERIFY(has(hanshu({"object", "rm", "things/k"}).err, "Removed things/k."));
        const auto gone = boost::json::parse(hanshu({"object", "rm", "things/k", "-o", "json"}).out);
        QCOMPARE(gone.at("removed").as_int64(), 0);
        const auto bucket = boost::json::parse(hanshu({"bucket", "delete", "things", "-o", "json"}).out);
        QCOMPARE(bucket.at("bucketName").as_string(), boost::json::string("things"));
    }

    void anErrorSaysWhatTheFunctionRaisedAndWhoseLimitItIs() {
        Shell hanshu;
        EXIT(hanshu.deploy("echo"), 0);
        hanshu.house.pipeline.play([](invoke::Call) -> Task<Result<invoke::Outcome>> {
            invoke::Outcome outcome;
            outcome.payload = R"({"errorMessage":"","errorType":"MemoryError","stackTrace":[]})";
            outcome.errorType = "UnhandledInvocationError";
            outcome.invocation.set_status("FunctionError");
            outcome.invocation.set_started_time(1.7e12);
            co_return outcome;
        });
        auto failed = hanshu({"invoke", "echo"});
        EXIT(failed, 1);
        QVERIFY2(has(failed.err, "the function failed: FunctionError: MemoryError."), failed.err.c_str());
        const auto json = boost::json::parse(hanshu({"invoke", "echo", "-o", "json"}).out);
        QCOMPARE(json.at("invocation").at("startedTime").as_string(), boost::json::string("2023-11-14T22:13:20.000Z"));
        hanshu.house.pipeline.play([](invoke::Call) -> Task<Result<invoke::Outcome>> {
            std::vector<std::pair<std::string, std::string>> params{{"limit", "function concurrency"}, {"value", "1"}};
            co_return fail(Code::ResourceExhausted, "ResourceExhausted", std::move(params));
        });
        failed = hanshu({"invoke", "echo"});
        EXIT(failed, 6);
        QVERIFY2(has(failed.err, "hanshu function concurrency echo"), failed.err.c_str());
    }

    void helpSaysThatAnOptionTakesOneValueEachTime() {
        Shell hanshu;
        const auto help = hanshu({"grant", "add", "--help"}).out;
        QVERIFY2(has(help, "--action TEXT[,...] (again for more)") && has(help, "--resource TEXT (again for more)"),
                 help.c_str());
        QVERIFY(has(hanshu({"logs", "--help"}).out, "100 by default"));
    }

    void aFunctionShowsWhyItRestsAndHowItStarts() {
        Shell hanshu;
        EXIT(hanshu.deploy("echo"), 0);
        EXIT(hanshu({"function", "disable", "echo", "--reason", "it leaks"}), 0);
        const auto off = hanshu({"function", "get", "echo"}).out;
        QVERIFY2(has(off, "Disabled") && has(off, ": it leaks"), off.c_str());
        QVERIFY(has(hanshu({"function", "list"}).out, "Disabled"));
        EXIT(hanshu({"function", "enable", "echo"}), 0);
        QVERIFY(!has(hanshu({"function", "list"}).out, "Disabled"));
        EXIT(hanshu({"function", "deploy", "web", hanshu.folder.filePath("code").toStdString(), "--runtime", "custom",
                     "--handler", "x", "--command", "./serve", "--command", "-v", "--port", "8080"}),
             0);
        const auto web = hanshu({"function", "get", "web"}).out;
        QVERIFY2(has(web, "./serve -v") && has(web, "8080"), web.c_str());
        EXIT(hanshu({"function", "deploy", "echo", "--initializer", "index.prepare"}), 0);
        QVERIFY(has(hanshu({"function", "get", "echo"}).out, "index.prepare"));
        EXIT(hanshu({"async", "echo", "-d", "{}"}), 0);
        QVERIFY(has(hanshu({"events", "echo"}).out, "REQUEST"));
    }

    void aTimerShowsWhenItFiresNext() {
        Shell hanshu;
        EXIT(hanshu.deploy("echo"), 0);
        EXIT(hanshu({"trigger", "create", "echo", "tick", "--timer", "@every 5m"}), 0);
        const auto on = hanshu({"trigger", "get", "echo", "tick"}).out;
        QVERIFY2(has(on, "Fires next:") && has(on, "in "), on.c_str());
        EXIT(hanshu({"trigger", "create", "echo", "web", "--http"}), 0);
        const auto list = hanshu({"trigger", "list", "echo"}).out;
        QVERIFY2(has(list, "FIRES NEXT") && has(list, "in "), list.c_str());
        const auto json = boost::json::parse(hanshu({"trigger", "list", "echo", "-o", "json"}).out).as_array();
        QVERIFY(json.at(0).as_object().contains("nextFireTime"));
        QVERIFY(!json.at(1).as_object().contains("nextFireTime"));
        EXIT(hanshu({"trigger", "update", "echo", "tick", "--disable"}), 0);
        QVERIFY(!has(hanshu({"trigger", "list", "echo"}).out, "in "));
        QVERIFY(!has(hanshu({"trigger", "get", "echo", "tick"}).out, "Fires next"));
    }

    void completionKnowsTriggersGrantsAndValues() {
        Shell hanshu;
        EXIT(hanshu.deploy("echo"), 0);
        EXIT(hanshu({"trigger", "create", "echo", "tick", "--timer", "@every 5m"}), 0);
        EXIT(hanshu(
                 {"grant", "add", "reading", "--principal", "role:r", "--action", "oss:GetObject", "--resource", "*"}),
             0);
        QCOMPARE(hanshu({"__complete", "trigger", "get", "echo", ""}).out, std::string("tick\n"));
        QCOMPARE(hanshu({"__complete", "grant", "delete", "r"}).out, std::string("reading\n"));
        QCOMPARE(hanshu({"__complete", "events", "--state", "De"}).out, std::string("DeadLetter\n"));
        QCOMPARE(hanshu({"__complete", "invocations", "--status", "T"}).out, std::string("Throttled\nTimeout\n"));
        QVERIFY(has(hanshu({"__complete", "function", "deploy", "f", "--runtime", ""}).out, "custom\n"));
        QCOMPARE(hanshu({"__complete", "completion", "z"}).out, std::string("zsh\n"));
        QCOMPARE(hanshu({"__complete", "events", "redrive", "--all-of", ""}).out, std::string("echo\n"));
    }
};

QTEST_GUILESS_MAIN(TestCliCare)
#include "tst_cli_care.moc"
