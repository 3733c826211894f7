// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/package.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <QTemporaryDir>
#include <QTest>
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

std::string bytesOf(const cli::Package& package) {
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

class TestCliPackage : public QObject {
    Q_OBJECT

private slots:
    void aFolderIsPackedWithoutWhatItIgnores() {
        const Tree tree;
        std::uint64_t last = 0;
        std::uint64_t of = 0;
        auto package = cli::openPackage(tree.path(), [&](auto done, auto total) {
            QVERIFY(done >= last);
            last = done;
            of = total;
        });
        QVERIFY(package.has_value());
        QCOMPARE(last, of);
        const auto entries = unpack(bytesOf(*package));
        std::vector<std::string> names;
        for (const auto& [name, entry] : entries) {
            names.push_back(name);
        }
        const std::vector<std::string> expected{"bootstrap",         "empty/", "index.py", "keep.log",
                                                "lib/deep/函数.txt", "link.py"};
        QCOMPARE(names, expected);
        QCOMPARE(package->files, expected.size());
        QCOMPARE(entries.at("lib/deep/函数.txt").content, std::string("数"));
        QCOMPARE(entries.at("bootstrap").mode, mode_t{S_IFREG | 0755});
        QCOMPARE(entries.at("index.py").mode, mode_t{S_IFREG | 0644});
        QCOMPARE(entries.at("link.py").link, std::string("index.py"));
    }

    void theSameFolderMakesTheSameBytesWhereverAndWhenever() {
        const Tree first;
        const Tree second;
        fs::last_write_time(second.path() / "index.py", fs::file_time_type::clock::now() - std::chrono::hours(1000));
        fs::permissions(second.path() / "index.py", fs::perms::owner_read | fs::perms::owner_write);
        auto one = cli::packFolder(first.path(), {});
        qputenv("TZ", "Asia/Shanghai");
        tzset();
        auto two = cli::packFolder(second.path(), {});
        qputenv("TZ", "UTC");
        tzset();
        QVERIFY(one.has_value() && two.has_value());
        QVERIFY(bytesOf(*one) == bytesOf(*two));
        second.write("index.py", "other");
        auto changed = cli::packFolder(second.path(), {});
        QVERIFY(changed.has_value());
        QVERIFY(changed->size != one->size);
    }

    void aZipIsTakenAsItIs() {
        const Tree tree;
        auto packed = cli::packFolder(tree.path(), {});
        QVERIFY(packed.has_value());
        const auto bytes = bytesOf(*packed);
        tree.write("code.zip", bytes);
        auto opened = cli::openPackage(tree.path() / "code.zip", {});
        QVERIFY(opened.has_value());
        QVERIFY(bytesOf(*opened) == bytes);
    }

    void whatCannotBeAPackageIsRefusedWithItsName() {
        const Tree tree;
        tree.write("text.txt", "no zip");
        fs::create_directories(tree.path() / "void/.git");
        ::mkfifo((tree.path() / "lib/pipe").c_str(), 0600);
        for (const auto& [path, word] : {std::pair{tree.path() / "text.txt", "neither a folder nor a zip"},
                                         {tree.path() / "missing", "No such file"},
                                         {tree.path() / "void", "no files"},
                                         {tree.path(), "lib/pipe"}}) {
            const auto package = cli::openPackage(path, {});
            QVERIFY(!package.has_value());
            QCOMPARE(package.error().code, Code::InvalidArgument);
            const std::string message(package.error().param("message"));
            QVERIFY2(message.find(word) != std::string::npos, message.c_str());
        }
        const Tree odd;
        odd.write("bad\xff", "x");
        const auto package = cli::openPackage(odd.path(), {});
        QVERIFY(!package.has_value());
        QVERIFY(std::string(package.error().param("message")).find("UTF-8") != std::string::npos);
        fs::remove(odd.path() / "bad\xff");  // QTemporaryDir can't name it
    }
};

QTEST_GUILESS_MAIN(TestCliPackage)
#include "tst_cli_package.moc"
