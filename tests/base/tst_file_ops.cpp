// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The host's file operations, and those of the disk that other tests cut the power of: both must behave alike.

#include "base/file_ops.h"
#include "base/volatile_file_ops.h"

#include <sys/stat.h>
#include <QTemporaryDir>
#include <QTest>

using namespace hanshu;
using namespace hanshu::test;

namespace {

// One kind of files, and a folder in it.
struct Place {
    QTemporaryDir temporary;
    VolatileDisk disk;
    VolatileFileOps onDisk{disk};
    FileOps* files = nullptr;
    std::string folder;

    explicit Place(const QString& kind) {
        folder = temporary.path().toStdString() + "/f";
        if (kind == "disk") {
            files = &onDisk;
            folder = "/f";
        } else {
            files = &hostFileOps(kind == "host, everyone" ? FileReaders::Everyone : FileReaders::OwnerAndGroup);
        }
        if (files->makeDirectory(folder) != 0) {
            qFatal("no folder");
        }
    }

    std::unique_ptr<File> made(const std::string& name, std::string_view bytes) {
        std::unique_ptr<File> file;
        return files->create(folder + name, file) == 0 && file->append(bytes) == 0 ? std::move(file) : nullptr;
    }
    std::unique_ptr<File> opened(const std::string& name, OpenMode mode = OpenMode::Read) {
        std::unique_ptr<File> file;
        return files->open(folder + name, mode, file) == 0 ? std::move(file) : nullptr;
    }
    std::string content(const std::string& name) {
        const auto file = opened(name);
        std::uint64_t size = 0;
        if (!file || file->size(size) != 0) {
            return "unreadable";
        }
        std::string bytes(size, '\0');
        return readFully(*file, 0, bytes) ? bytes : "short";
    }
};

unsigned modeOf(const std::string& path) {
    struct stat facts{};
    return ::stat(path.c_str(), &facts) == 0 ? facts.st_mode & 07777U : 0;
}

void everyKind() {
    QTest::addColumn<QString>("kind");
    for (const auto* kind : {"host, owner and group", "host, everyone", "disk"}) {
        QTest::newRow(kind) << QString(kind);
    }
}

}  // namespace

class TestFileOps : public QObject {
    Q_OBJECT

private slots:
    void writingGoesOnAtTheEnd_data() { everyKind(); }
    void writingGoesOnAtTheEnd() {
        QFETCH(QString, kind);
        Place place(kind);
        auto file = place.made("/a", "one two");
        QVERIFY(file);
        QCOMPARE(file->truncate(4), 0);
        QCOMPARE(file->append("three"), 0);
        QCOMPARE(file->sync(), 0);
        QCOMPARE(place.content("/a"), std::string("one three"));
        file = place.opened("/a", OpenMode::Append);
        QVERIFY(file);
        QCOMPARE(file->append(" four"), 0);
        QCOMPARE(file->sync(), 0);
        QCOMPARE(place.content("/a"), std::string("one three four"));
        std::uint64_t size = 0;
        QVERIFY(file->size(size) == 0 && size == 14);
    }

    void aWholeFileIsAppendedBetweenOthers_data() { everyKind(); }
    void aWholeFileIsAppendedBetweenOthers() {
        QFETCH(QString, kind);
        Place place(kind);
        const std::string large(3'000'000, 'x');
        QVERIFY(place.made("/large", large));
        QVERIFY(place.made("/empty", ""));
        const auto file = place.made("/a", "<");
        for (const auto* source : {"/large", "/empty", "/large"}) {
            QCOMPARE(file->appendFile(*place.opened(source)), 0);
        }
        QCOMPARE(file->append(">"), 0);
        QVERIFY(place.content("/a") == "<" + large + large + ">");
    }

    void readingEndsWhereTheFileEnds_data() { everyKind(); }
    void readingEndsWhereTheFileEnds() {
        QFETCH(QString, kind);
        Place place(kind);
        const auto file = place.made("/a", "12345");
        std::string bytes(4, '\0');
        std::size_t count = 9;
        QVERIFY(file->readAt(3, bytes, count) == 0 && count == 2 && bytes.starts_with("45"));
        QVERIFY(file->readAt(5, bytes, count) == 0 && count == 0);
        QVERIFY(readFully(*file, 1, bytes) && bytes == "2345");
        QVERIFY(!readFully(*file, 2, bytes));
    }

    void namesAreWhatTheyWereMadeAs_data() { everyKind(); }
    void namesAreWhatTheyWereMadeAs() {
        QFETCH(QString, kind);
        Place place(kind);
        auto& files = *place.files;
        const auto& folder = place.folder;
        QVERIFY(place.made("/a", "a"));
        std::unique_ptr<File> file;
        QCOMPARE(files.create(folder + "/a", file), EEXIST);
        QCOMPARE(files.open(folder + "/b", OpenMode::Append, file), ENOENT);
        QCOMPARE(files.create(folder + "/none/b", file), ENOENT);
        QCOMPARE(files.create(folder + "/a/b", file), ENOTDIR);
        QCOMPARE(files.makeDirectory(folder), EEXIST);
        QCOMPARE(files.makeDirectory(folder + "/d"), 0);
        QCOMPARE(files.link(folder + "/a", folder + "/d/b"), 0);
        QCOMPARE(files.link(folder + "/a", folder + "/d/b"), EEXIST);
        QCOMPARE(files.rename(folder + "/a", folder + "/d"), EISDIR);
        QCOMPARE(files.rename(folder + "/a", folder + "/c"), 0);
        QCOMPARE(files.removeDirectory(folder + "/d"), ENOTEMPTY);
        QVERIFY(files.kind(folder + "/a") == FileKind::Absent);
        QVERIFY(files.kind(folder + "/c") == FileKind::Regular);
        QVERIFY(files.kind(folder + "/d") == FileKind::Directory);
        QCOMPARE(place.content("/d/b"), std::string("a"));
        std::vector<std::string> names;
        QCOMPARE(files.list(folder, names), 0);
        std::ranges::sort(names);
        QVERIFY((names == std::vector<std::string>{"c", "d"}));
        QCOMPARE(files.list(folder + "/none", names), ENOENT);
        QCOMPARE(files.unlink(folder + "/d/b"), 0);
        QCOMPARE(files.unlink(folder + "/d/b"), ENOENT);
        QCOMPARE(files.removeDirectory(folder + "/d"), 0);
        QCOMPARE(files.syncDirectory(folder), 0);
        QCOMPARE(files.syncDirectory(folder + "/d"), ENOENT);
    }

    void everyoneMayReadWhateverTheUmask() {
        const auto before = ::umask(0077);
        Place ours("host, owner and group");
        Place everyones("host, everyone");
        const bool made = ours.made("/a", "") && everyones.made("/a", "");
        ::umask(before);
        QVERIFY(made);
        QCOMPARE(modeOf(everyones.folder), 0755U);
        QCOMPARE(modeOf(everyones.folder + "/a"), 0644U);
        QCOMPARE(modeOf(ours.folder), 0700U);
        QCOMPARE(modeOf(ours.folder + "/a"), 0600U);
    }

    void onlyAFullDiskIsTheCallersToHearOf() {
        QCOMPARE(fileError("write x", ENOSPC).value().reason, std::string("StorageFull"));
        QVERIFY(fileError("write x", EDQUOT).value().code == Code::ResourceExhausted);
        QVERIFY(fileError("write x", EIO).value().code == Code::Internal);
    }
};

QTEST_GUILESS_MAIN(TestFileOps)
#include "tst_file_ops.moc"
