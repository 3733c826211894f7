// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "bundle/package.h"
#include "catalog/package.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <clocale>
#include <fstream>
#include <map>

using namespace hanshu;
namespace fs = std::filesystem;

namespace {

struct Entry {
    std::string content;
    mode_t mode = 0;
    std::string link;
};

std::string bytesOf(const bundle::Package& package) {
    std::string bytes(package.size, '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto count = ::read(package.file.get(), bytes.data() + done, bytes.size() - done);
        if (count <= 0) {
            qFatal("the package is shorter than it says");
        }
        done += static_cast<std::size_t>(count);
    }
    return bytes;
}

std::map<std::string, Entry> unpack(const std::string& zip) {
    std::map<std::string, Entry> entries;
    auto* reader = archive_read_new();
    archive_read_support_format_zip(reader);
    archive_read_open_memory(reader, zip.data(), zip.size());
    archive_entry* entry = nullptr;
    while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
        Entry got;
        got.mode = archive_entry_mode(entry);
        if (const auto* link = archive_entry_symlink(entry)) {
            got.link = link;
        }
        std::array<char, 4096> buffer{};
        la_ssize_t count = 0;
        while ((count = archive_read_data(reader, buffer.data(), buffer.size())) > 0) {
            got.content.append(buffer.data(), static_cast<std::size_t>(count));
        }
        entries[archive_entry_pathname(entry)] = got;
    }
    archive_read_free(reader);
    return entries;
}

class Tree {
public:
    Tree() {
        write("index.py", "def handler(event, context):\n    return event\n");
        write("lib/deep/函数.txt", "数");
        write("bootstrap", "#!/bin/sh\n");
        fs::permissions(path() / "bootstrap", fs::perms::owner_all);
        write("lib/__pycache__/index.pyc", "compiled");
        write(".git/HEAD", "ref");
        write("keep.log", "kept");
        write("other.log", "not kept");
        write(".fcignore", "__pycache__/\n*.log\n!keep.log\n");
        fs::create_directories(path() / "empty");
        fs::create_symlink("index.py", path() / "link.py");
    }
    void write(const std::string& name, const std::string& text) const {
        fs::create_directories((path() / name).parent_path());
        std::ofstream(path() / name, std::ios::binary) << text;
    }
    fs::path path() const { return m_directory.path().toStdString(); }

private:
    QTemporaryDir m_directory;
};

}  // namespace

class TestBundle : public QObject {
    Q_OBJECT

private slots:
    void aFolderIsPackedWithoutWhatItIgnores() {
        const Tree tree;
        std::uint64_t last = 0;
        std::uint64_t of = 0;
        auto package = bundle::openPackage(tree.path(), [&](auto done, auto total) {
            QVERIFY(done >= last);
            last = done;
            of = total;
        });
        QVERIFY(package.has_value());
        QVERIFY(of > 0);
        QCOMPARE(last, of);
        const auto entries = unpack(bytesOf(*package));
        std::vector<std::string> names;
        for (const auto& [name, entry] : entries) {
            names.push_back(name);
        }
        const std::vector<std::string> expected{"bootstrap",         "empty/", "index.py", "keep.log",
                                                "lib/deep/函数.txt", "link.py"};
        QCOMPARE(names, expected);
        QCOMPARE(package->entries, expected.size());
        QCOMPARE(entries.at("lib/deep/函数.txt").content, std::string("数"));
        QCOMPARE(entries.at("bootstrap").mode, mode_t{S_IFREG | 0755});
        QCOMPARE(entries.at("index.py").mode, mode_t{S_IFREG | 0644});
        QCOMPARE(entries.at("link.py").link, std::string("index.py"));
    }

    void theRuntimeUnpacksWhatIsPackedHere() {
        const Tree tree;
        const std::string big(700'000, 'z');
        tree.write("data/blob", big);
        tree.write("none", "");
        tree.write("data/文件 \U0001F600.txt", "emoji");
        fs::create_symlink(fs::canonical(tree.path()) / "data/blob", tree.path() / "lib/absolute");
        fs::create_symlink("lib/deep", tree.path() / "deep");
        auto package = bundle::openPackage(tree.path());
        QVERIFY(package.has_value());
        const QTemporaryDir out;
        const fs::path top = out.path().toStdString();
        const auto unpacked = catalog::unpackZip(bytesOf(*package), top);
        QVERIFY2(unpacked.has_value(), unpacked ? "" : unpacked.error().describe().c_str());
        QCOMPARE(read(top / "data/blob"), big);
        QCOMPARE(read(top / "data/文件 \U0001F600.txt"), std::string("emoji"));
        QCOMPARE(fs::file_size(top / "none"), std::uintmax_t{0});
        QVERIFY((fs::status(top / "bootstrap").permissions() & fs::perms::owner_exec) != fs::perms::none);
        QCOMPARE(fs::read_symlink(top / "lib/absolute"), fs::path("../data/blob"));
        QCOMPARE(read(top / "deep/函数.txt"), std::string("数"));
        QCOMPARE(catalog::PackageLimits{}.entries, bundle::kMaxEntries);
    }

    // A daemon has the locale C unless somebody sets another.
    void namesOfEveryScriptPassInTheLocaleC() {
        const QTemporaryDir folder;
        const fs::path from = folder.path().toStdString();
        fs::create_directories(from / "目录/空");
        std::ofstream(from / "函.txt") << "han";
        std::ofstream(from / "目录/\U0001F600.txt") << "emoji";
        fs::create_symlink("目录/\U0001F600.txt", from / "链");
        const QTemporaryDir out;
        const fs::path top = out.path().toStdString();
        const std::string before = std::setlocale(LC_ALL, nullptr);
        std::setlocale(LC_ALL, "C");
        auto package = bundle::openPackage(from);
        const Result<void> unpacked =
            package ? catalog::unpackZip(bytesOf(*package), top) : Result<void>(fail(package.error()));
        std::setlocale(LC_ALL, before.c_str());
        QVERIFY2(unpacked.has_value(), unpacked ? "" : unpacked.error().describe().c_str());
        QCOMPARE(read(top / "函.txt"), std::string("han"));
        QCOMPARE(read(top / "链"), std::string("emoji"));
        QCOMPARE(fs::read_symlink(top / "链").string(), std::string("目录/\U0001F600.txt"));
        QVERIFY(fs::is_directory(top / "目录/空"));
    }

    void theSameFolderMakesTheSameBytesWhereverAndWhenever() {
        const Tree first;
        const Tree second;
        fs::last_write_time(second.path() / "index.py", fs::file_time_type::clock::now() - std::chrono::hours(1000));
        fs::permissions(second.path() / "index.py", fs::perms::owner_read | fs::perms::owner_write);
        auto one = bundle::openPackage(first.path());
        qputenv("TZ", "Asia/Shanghai");
        tzset();
        auto two = bundle::openPackage(second.path());
        qputenv("TZ", "UTC");
        tzset();
        QVERIFY(one.has_value() && two.has_value());
        QVERIFY(bytesOf(*one) == bytesOf(*two));
        second.write("index.py", "other");
        auto changed = bundle::openPackage(second.path());
        QVERIFY(changed.has_value());
        QVERIFY(changed->size != one->size);
    }

    void aZipIsTakenAsItIs() {
        const Tree tree;
        auto packed = bundle::openPackage(tree.path());
        QVERIFY(packed.has_value());
        const auto bytes = bytesOf(*packed);
        tree.write("code.zip", bytes);
        auto opened = bundle::openPackage(tree.path() / "code.zip");
        QVERIFY(opened.has_value());
        QVERIFY(bytesOf(*opened) == bytes);
    }

    void whatCannotBeAPackageIsNamed() {
        const Tree tree;
        tree.write("text.txt", "no zip");
        fs::create_directories(tree.path() / "void/.git/sub");
        ::mkfifo((tree.path() / "pipe").c_str(), 0600);
        tree.write("out/index.py", "x");
        fs::create_symlink("/etc/passwd", tree.path() / "out/secret");
        tree.write("up/index.py", "x");
        fs::create_symlink("../../etc", tree.path() / "up/etc");
        tree.write("odd/bad\xff", "x");
        tree.write("rules/index.py", "x");
        fs::create_directories(tree.path() / "rules/.fcignore");
        const auto at = [&](const char* name) { return (tree.path() / name).string(); };
        const std::array<std::array<std::string, 3>, 9> cases{{{at("text.txt"), "PackageNotZip", at("text.txt")},
                                                               {at("missing"), "PackageUnreadable", at("missing")},
                                                               {at("pipe"), "PackageNotZip", at("pipe")},
                                                               {at("void"), "PackageEmpty", at("void")},
                                                               {at("out"), "PackageLinkOutside", "secret"},
                                                               {at("up"), "PackageLinkOutside", "etc"},
                                                               {at("odd"), "PackageNameNotUtf8", "bad\xff"},
                                                               {at("rules"), "PackageUnreadable", ".fcignore"},
                                                               {at(""), "PackageSpecialFile", "pipe"}}};
        for (const auto& [path, reason, name] : cases) {
            if (reason == "PackageSpecialFile") {
                fs::remove_all(tree.path() / "out");
                fs::remove_all(tree.path() / "up");
                fs::remove_all(tree.path() / "odd");  // QTemporaryDir can't name what is in it
            }
            const auto package = bundle::openPackage(path);
            QVERIFY2(!package.has_value(), path.c_str());
            QCOMPARE(package.error().code, Code::InvalidArgument);
            QCOMPARE(package.error().reason, reason);
            QCOMPARE(std::string(package.error().param("path")), name);
        }
    }

    void aFileThatChangesMeanwhileIsAnError() {
        const Tree tree;
        const auto folder = bundle::readFolder(tree.path());
        QVERIFY(folder.has_value());
        tree.write("index.py", "short");
        const auto shorter = bundle::packFolder(*folder);
        QCOMPARE(shorter.error().reason, std::string("PackageUnreadable"));
        QCOMPARE(std::string(shorter.error().param("path")), std::string("index.py"));
        fs::remove(tree.path() / "index.py");
        const auto gone = bundle::packFolder(*folder);
        QCOMPARE(gone.error().reason, std::string("PackageUnreadable"));
        QVERIFY(!gone.error().detail.empty());
    }

    void workStopsWhenAsked() {
        const Tree tree;
        tree.write("large", std::string(3 << 20U, 'x'));
        const auto folder = bundle::readFolder(tree.path());
        QVERIFY(folder.has_value());
        std::stop_source stop;
        std::uint64_t reached = 0;
        const auto packed = bundle::packFolder(
            *folder,
            [&](auto done, auto) {
                reached = done;
                stop.request_stop();
            },
            stop.get_token());
        QCOMPARE(packed.error().code, Code::Cancelled);
        QVERIFY(reached > 0 && reached < folder->bytes);
        QCOMPARE(bundle::readFolder(tree.path(), stop.get_token()).error().code, Code::Cancelled);
    }

    void aPlaceThatCannotBeWrittenToIsNamed() {
        const Tree tree;
        qputenv("TMPDIR", "/proc/self");  // a folder, and nobody can make a file in it
        const auto packed = bundle::openPackage(tree.path());
        qunsetenv("TMPDIR");
        QCOMPARE(packed.error().reason, std::string("PackageNotWritten"));
        QCOMPARE(std::string(packed.error().param("folder")), std::string("/proc/self"));
    }

private:
    static std::string read(const fs::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
};

QTEST_GUILESS_MAIN(TestBundle)
#include "tst_bundle.moc"
