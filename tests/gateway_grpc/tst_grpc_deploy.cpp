// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Packages that come in pieces: whole, cut off, damaged, and large.

#include "gateway_grpc/grpc_fixture.h"

#include <archive.h>
#include <archive_entry.h>
#include <QFile>
#include <filesystem>
#include <fstream>

using namespace hanshu;
using tests::GrpcFixture;

namespace {

// The pieces of one upload; what is not set is left out.
struct Pieces {
    std::vector<std::string> chunks;
    std::uint64_t size = 0;
    std::string firstSha256;
    std::string lastSha256;
    bool last = true;
    bool cancel = false;
};

struct Outcome {
    grpc::Status status;
    std::string reason;
    std::string message;
};

Outcome deploy(GrpcFixture& house, const Pieces& pieces) {
    grpc::ClientContext context;
    api::FunctionReply reply;
    const auto writer = house.functions->DeployFunction(&context, &reply);
    api::DeployRequest piece;
    piece.mutable_create()->set_function_name("f");
    piece.mutable_create()->set_runtime("python3.11");
    piece.mutable_create()->set_handler("index.handler");
    piece.set_zip_size(pieces.size);
    piece.set_zip_sha256(pieces.firstSha256);
    writer->Write(piece);
    for (std::size_t i = 0; i < pieces.chunks.size(); ++i) {
        piece.Clear();
        piece.set_zip_chunk(pieces.chunks[i]);
        if (i + 1 == pieces.chunks.size() && pieces.last) {
            piece.set_last(true);
            piece.set_zip_sha256(pieces.lastSha256);
        }
        writer->Write(piece);
    }
    if (pieces.cancel) {
        context.TryCancel();
    } else {
        writer->WritesDone();
    }
    Outcome outcome{writer->Finish(), {}, {}};
    outcome.reason = GrpcFixture::reason(context);
    const auto& metadata = context.GetServerTrailingMetadata();
    if (const auto found = metadata.find("hanshu-param-message-bin"); found != metadata.end()) {
        outcome.message.assign(found->second.data(), found->second.length());
    }
    return outcome;
}

std::vector<std::string> inPieces(const std::string& text, std::size_t size) {
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < text.size(); at += size) {
        pieces.push_back(text.substr(at, size));
    }
    return pieces;
}

bool exists(GrpcFixture& house) {
    grpc::ClientContext context;
    api::NameRequest request;
    request.set_name("f");
    api::FunctionReply reply;
    return house.functions->GetFunction(&context, request, &reply).ok();
}

int filesIn(const GrpcFixture& house, const char* folder) {
    using std::filesystem::directory_iterator;
    const auto path = house.directory.filePath(folder).toStdString();
    return static_cast<int>(std::distance(directory_iterator(path), directory_iterator()));
}

// A zip with one file of that many bytes, stored as it is.
void writeLargeZip(const std::string& path, std::size_t size) {
    auto* writer = archive_write_new();
    archive_write_set_format_zip(writer);
    archive_write_set_options(writer, "zip:compression=store");
    archive_write_open_filename(writer, path.c_str());
    auto* entry = archive_entry_new();
    archive_entry_set_pathname(entry, "index.py");
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(size));
    archive_write_header(writer, entry);
    const std::string block(1 << 20, '#');
    for (std::size_t written = 0; written < size; written += block.size()) {
        archive_write_data(writer, block.data(), block.size());
    }
    archive_entry_free(entry);
    archive_write_close(writer);
    archive_write_free(writer);
}

// The most memory that this process held since `resetPeak`, in MiB.
int peak() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) {
            return std::atoi(line.c_str() + 6) / 1024;
        }
    }
    return -1;
}
void resetPeak() {
    std::ofstream("/proc/self/clear_refs") << "5";
}

}  // namespace

class TestGrpcDeploy : public QObject {
    Q_OBJECT

    const std::string m_zip = tests::zipOf("index.py", std::string(100'000, '#'));

    Pieces whole() const {
        return {
            .chunks = inPieces(m_zip, 1000), .size = m_zip.size(), .firstSha256 = {}, .lastSha256 = sha256Hex(m_zip)};
    }

private slots:
    void aPackageInPiecesIsPutTogether() {
        GrpcFixture house;
        const auto done = deploy(house, whole());
        QVERIFY2(done.status.ok(), done.message.c_str());
        QVERIFY(exists(house));
        QCOMPARE(filesIn(house, "packages"), 1);
    }

    void whatIsKnownAtTheBeginningMayBeToldThere() {
        GrpcFixture house;
        auto pieces = whole();
        pieces.firstSha256 = std::exchange(pieces.lastSha256, {});
        QVERIFY(deploy(house, pieces).status.ok());
    }

    void anUploadThatEndsEarlyCreatesNothing_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("without the mark of the last piece") << 0;
        QTest::newRow("before the first piece") << 1;
        QTest::newRow("in the middle, with a mark") << 2;
        QTest::newRow("cancelled") << 3;
    }
    void anUploadThatEndsEarlyCreatesNothing() {
        QFETCH(int, kind);
        GrpcFixture house;
        auto pieces = whole();
        if (kind == 0) {
            pieces.last = false;
        } else if (kind == 1) {
            pieces.chunks.clear();
        } else if (kind == 2) {
            pieces.chunks.resize(pieces.chunks.size() / 2);
        } else {
            pieces.last = false;
            pieces.cancel = true;
        }
        const auto done = deploy(house, pieces);
        QCOMPARE(done.status.error_code(),
                 kind == 3 ? grpc::StatusCode::CANCELLED : grpc::StatusCode::INVALID_ARGUMENT);
        QVERIFY(!exists(house));
        QTRY_COMPARE(filesIn(house, "packages"), 0);
        QCOMPARE(filesIn(house, "code"), 0);
    }

    void aPackageThatIsNotWhatWasAnnouncedIsRefused() {
        GrpcFixture house;
        auto pieces = whole();
        pieces.lastSha256 = sha256Hex("something else");
        auto done = deploy(house, pieces);
        QCOMPARE(done.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
        QVERIFY2(done.message.find("SHA-256") != std::string::npos, done.message.c_str());
        pieces = whole();
        pieces.size -= 1;
        done = deploy(house, pieces);
        QVERIFY2(done.message.find("longer") != std::string::npos, done.message.c_str());
        pieces.size += 2;
        done = deploy(house, pieces);
        QVERIFY2(done.message.find("announced") != std::string::npos, done.message.c_str());
        QVERIFY(!exists(house));
        QCOMPARE(filesIn(house, "packages"), 0);
    }

    void whatACrashLeftOfAnUploadGoesAtTheNextStart() {
        GrpcFixture house;
        QVERIFY(deploy(house, whole()).status.ok());
        auto begun = house.catalog->upload();
        QVERIFY(begun.has_value());
        QVERIFY((*begun)->write("the beginning").has_value());
        QCOMPARE(filesIn(house, "packages"), 2);
        const auto again = GrpcFixture::must(catalog::makeCatalog(
            {.stateDirectory = house.directory.path().toStdString(), .region = "local"}, *house.resources, house.disk,
            house.clock, {.hasTriggers = {}, .bucketFolder = {}, .readObject = {}}));
        QCOMPARE(filesIn(house, "packages"), 1);
    }

    void aLargePackageTakesNoMemory() {
        constexpr std::size_t kSize = std::size_t{200} << 20U;
        GrpcFixture house;
        const auto path = house.directory.filePath("large.zip").toStdString();
        writeLargeZip(path, kSize);
        grpc::ClientContext context;
        api::FunctionReply reply;
        const auto writer = house.functions->DeployFunction(&context, &reply);
        api::DeployRequest piece;
        piece.mutable_create()->set_function_name("f");
        piece.mutable_create()->set_runtime("python3.11");
        piece.mutable_create()->set_handler("index.handler");
        piece.set_zip_size(std::filesystem::file_size(path));
        resetPeak();
        const int before = peak();
        std::ifstream file(path, std::ios::binary);
        std::string block(1 << 20, '\0');
        while (writer->Write(piece) && !piece.last()) {
            piece.Clear();
            file.read(block.data(), static_cast<std::streamsize>(block.size()));
            piece.set_zip_chunk(block.data(), static_cast<std::size_t>(file.gcount()));
            piece.set_last(file.eof());
        }
        writer->WritesDone();
        const auto status = writer->Finish();
        QVERIFY2(status.ok(), status.error_message().c_str());
        QCOMPARE(reply.function().code_size(), static_cast<double>(std::filesystem::file_size(path)));
#if !defined(__SANITIZE_ADDRESS__)  // which keeps freed memory for a while
        const int grown = peak() - before;
        QVERIFY2(grown < 40, fmt::format("{} MiB more", grown).c_str());
#endif
    }
};

QTEST_GUILESS_MAIN(TestGrpcDeploy)
#include "tst_grpc_deploy.moc"
