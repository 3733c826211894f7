// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway_grpc/grpc_fixture.h"

using namespace hanshu;
using hanshu::tests::GrpcFixture;

namespace {

std::string param(const grpc::ClientContext& context, const std::string& name) {
    const auto& metadata = context.GetServerTrailingMetadata();
    const auto found = metadata.find("hanshu-param-" + name + "-bin");
    return found == metadata.end() ? "" : std::string(found->second.data(), found->second.length());
}

}  // namespace

class TestGrpcServices : public QObject {
    Q_OBJECT

private slots:
    void aFunctionIsDeployedReadListedUpdatedAndDeleted() {
        GrpcFixture house;
        api::FunctionReply made;
        const auto status = house.deploy("f", made);
        QVERIFY2(status.ok(), status.error_message().c_str());
        QCOMPARE(made.function().function_name(), std::string("f"));
        QVERIFY(made.function().code_size() > 0);
        QVERIFY(!made.etag().empty());

        api::NameRequest name;
        name.set_name("f");
        api::FunctionReply read;
        grpc::ClientContext getContext;
        QVERIFY(house.functions->GetFunction(&getContext, name, &read).ok());
        QCOMPARE(read.function().SerializeAsString(), made.function().SerializeAsString());

        api::DeployRequest change;
        change.set_function_name("f");
        change.mutable_update()->set_timeout(30);
        change.set_if_match(made.etag());
        for (const bool first : {true, false}) {  // the second finds another revision
            grpc::ClientContext context;
            api::FunctionReply reply;
            const auto writer = house.functions->DeployFunction(&context, &reply);
            writer->Write(change);
            writer->WritesDone();
            const auto done = writer->Finish();
            QCOMPARE(done.error_code(), first ? grpc::StatusCode::OK : grpc::StatusCode::FAILED_PRECONDITION);
            if (first) {
                QCOMPARE(reply.function().timeout(), 30);
                QCOMPARE(reply.function().code_checksum(), made.function().code_checksum());
            }
        }

        api::ListFunctionsOutput list;
        grpc::ClientContext listContext;
        QVERIFY(house.functions->ListFunctions(&listContext, api::ListRequest(), &list).ok());
        QCOMPARE(list.functions_size(), 1);

        api::Empty nothing;
        grpc::ClientContext deleteContext;
        QVERIFY(house.functions->DeleteFunction(&deleteContext, name, &nothing).ok());
        grpc::ClientContext goneContext;
        QCOMPARE(house.functions->GetFunction(&goneContext, name, &read).error_code(), grpc::StatusCode::NOT_FOUND);
    }

    void anErrorCarriesItsReasonAndParameters() {
        GrpcFixture house;
        api::NameRequest request;
        request.set_name("nowhere");
        api::FunctionReply reply;
        grpc::ClientContext context;
        const auto status = house.functions->GetFunction(&context, request, &reply);
        QCOMPARE(status.error_code(), grpc::StatusCode::NOT_FOUND);
        QCOMPARE(GrpcFixture::reason(context), std::string("FunctionNotFound"));
        QCOMPARE(param(context, "function"), std::string("nowhere"));
    }

    // gRPC clients refuse more than 8 KiB of metadata: long parameters are cut, and the reason still arrives.
    void anErrorWithLongParametersStillArrives() {
        GrpcFixture house;
        house.pipeline.play([](invoke::Call) -> Task<Result<invoke::Outcome>> {
            std::string text;
            for (int i = 0; i < 20'000; ++i) {
                text += "函";
            }
            co_return fail(Code::InvalidArgument, "InvalidArgument", {{"message", text}, {"field", text}});
        });
        api::FunctionReply made;
        QVERIFY(house.deploy("f", made).ok());
        api::InvokeRequest request;
        request.set_function_name("f");
        api::InvokeReply reply;
        grpc::ClientContext context;
        QCOMPARE(house.invocations->Invoke(&context, request, &reply).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
        QCOMPARE(GrpcFixture::reason(context), std::string("InvalidArgument"));
        QVERIFY(isUtf8(param(context, "message")));
        QVERIFY(param(context, "message").starts_with("函函"));
    }

    void everyViolationOfADeployIsTold() {
        GrpcFixture house;
        api::DeployRequest first;
        first.mutable_create()->set_function_name("0 bad");
        first.mutable_create()->set_runtime("cobol");
        first.mutable_create()->set_memory_size(1);
        first.set_zip_chunk("this is no zip");
        first.set_last(true);
        grpc::ClientContext context;
        api::FunctionReply reply;
        const auto writer = house.functions->DeployFunction(&context, &reply);
        writer->Write(first);
        writer->WritesDone();
        QCOMPARE(writer->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
        const auto message = param(context, "message");
        for (const auto* field : {"unctionName", "runtime", "memorySize"}) {
            QVERIFY2(message.find(field) != std::string::npos, message.c_str());
        }
    }

    void aDeployWithoutItsFirstMessageIsRefused() {
        GrpcFixture house;
        for (const bool empty : {true, false}) {
            grpc::ClientContext context;
            api::FunctionReply reply;
            const auto writer = house.functions->DeployFunction(&context, &reply);
            if (!empty) {
                api::DeployRequest piece;
                piece.set_zip_chunk("PK");
                writer->Write(piece);
            }
            writer->WritesDone();
            QCOMPARE(writer->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
        }
    }

    void theCodeOfAFunctionComesBackByteForByte() {
        GrpcFixture house;
        api::FunctionReply made;
        std::string code = "# ";
        for (int i = 0; i < 200'000; ++i) {
            code += static_cast<char>('a' + (i * 7919 + i / 31) % 26);
        }
        QVERIFY(house.deploy("f", made, code).ok());
        api::NameRequest request;
        request.set_name("f");
        grpc::ClientContext context;
        const auto reader = house.functions->GetFunctionCode(&context, request);
        std::string bytes;
        api::CodeChunk chunk;
        while (reader->Read(&chunk)) {
            bytes += chunk.data();
        }
        QVERIFY(reader->Finish().ok());
        QCOMPARE(static_cast<double>(bytes.size()), made.function().code_size());
        QCOMPARE(std::to_string(crc64(bytes)), made.function().code_checksum());
    }

    void aCallReturnsWhatTheFunctionReturnsUpToTheLargestPayload() {
        GrpcFixture house;
        api::FunctionReply made;
        QVERIFY(house.deploy("f", made).ok());
        constexpr std::size_t kLargest = std::size_t{32} * 1024 * 1024;
        for (const auto size : {std::size_t{0}, std::size_t{5}, kLargest, kLargest + 1}) {
            api::InvokeRequest request;
            request.set_function_name("f");
            request.set_payload(std::string(size, 'x'));
            api::InvokeReply reply;
            grpc::ClientContext context;
            const auto status = house.invocations->Invoke(&context, request, &reply);
            if (size > kLargest) {
                QCOMPARE(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
                QCOMPARE(GrpcFixture::reason(context), std::string("EntityTooLarge"));
                continue;
            }
            QVERIFY2(status.ok(), status.error_message().c_str());
            QVERIFY(reply.payload() == request.payload());
            QVERIFY(!reply.request_id().empty());
            QCOMPARE(reply.invocation().request_id(), reply.request_id());
        }
    }

    void aRunIsFoundAtOnceInTheListAndTheLog() {
        GrpcFixture house;
        api::FunctionReply made;
        QVERIFY(house.deploy("f", made).ok());
        std::vector<std::string> ids;
        for (int i = 0; i < 5; ++i) {
            api::InvokeRequest request;
            request.set_function_name("f");
            request.set_payload(std::to_string(i));
            api::InvokeReply reply;
            grpc::ClientContext context;
            QVERIFY(house.invocations->Invoke(&context, request, &reply).ok());
            ids.push_back(reply.request_id());
        }
        api::ListInvocationsRequest request;
        request.set_limit(2);
        std::vector<std::string> listed;
        do {
            api::ListInvocationsOutput page;
            grpc::ClientContext context;
            QVERIFY(house.invocations->ListInvocations(&context, request, &page).ok());
            for (const auto& run : page.invocations()) {
                listed.push_back(run.request_id());
            }
            request.set_next_token(page.next_token());
        } while (!request.next_token().empty());
        std::ranges::reverse(listed);
        QCOMPARE(listed, ids);

        api::QueryLogsRequest query;
        query.mutable_which()->set_request_id(ids[3]);
        api::LogBatch batch;
        grpc::ClientContext context;
        QVERIFY(house.logs->QueryLogs(&context, query, &batch).ok());
        QCOMPARE(batch.records_size(), 1);
        QCOMPARE(batch.records(0).message(), std::string("ran 3"));
    }

    void badPagesAndTimesAreRefused() {
        GrpcFixture house;
        api::ListInvocationsRequest runs;
        runs.set_next_token("12x");
        api::ListInvocationsOutput page;
        grpc::ClientContext tokenContext;
        QCOMPARE(house.invocations->ListInvocations(&tokenContext, runs, &page).error_code(),
                 grpc::StatusCode::INVALID_ARGUMENT);
        api::ListRequest list;
        list.set_limit(101);
        api::ListGrantsOutput grants;
        grpc::ClientContext limitContext;
        QCOMPARE(house.grantStub->ListGrants(&limitContext, list, &grants).error_code(),
                 grpc::StatusCode::INVALID_ARGUMENT);
        for (const double since : {-1.0, std::nan(""), 1e300}) {
            api::QueryLogsRequest query;
            query.mutable_which()->set_since(since);
            api::LogBatch batch;
            grpc::ClientContext context;
            QCOMPARE(house.logs->QueryLogs(&context, query, &batch).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
        }
    }

    void anAsyncCallIsInTheQueueWhenItIsAnswered() {
        GrpcFixture house;
        api::FunctionReply made;
        QVERIFY(house.deploy("f", made).ok());
        api::InvokeRequest request;
        request.set_function_name("f");
        request.set_async(true);
        request.set_task_id("once");
        request.set_payload("{}");
        api::InvokeReply reply;
        grpc::ClientContext context;
        QVERIFY(house.invocations->Invoke(&context, request, &reply).ok());
        grpc::ClientContext againContext;
        QCOMPARE(house.invocations->Invoke(&againContext, request, &reply).error_code(),
                 grpc::StatusCode::ALREADY_EXISTS);
        request.set_function_name("nowhere");
        grpc::ClientContext nowhereContext;
        QCOMPARE(house.invocations->Invoke(&nowhereContext, request, &reply).error_code(), grpc::StatusCode::NOT_FOUND);

        api::ListEventsOutput events;
        grpc::ClientContext listContext;
        QVERIFY(house.invocations->ListEvents(&listContext, api::ListEventsRequest(), &events).ok());
        QCOMPARE(events.events_size(), 1);
        QCOMPARE(events.events(0).state(), std::string("Enqueued"));
        QCOMPARE(events.events(0).payload_bytes(), 2.0);
    }

    void metadataIsTheUsersAndStaysWithinItsLimits_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("reason");
        QTest::newRow("a standard header's name") << "Content-Encoding" << "gzip" << "text/x" << "";
        QTest::newRow("another program's") << "Set-Cookie" << "a=b" << "" << "";
        QTest::newRow("as much as may be") << "a" << QString(2047, 'v') << "" << "";
        QTest::newRow("too much") << "a" << QString(2048, 'v') << "" << "MetadataTooLarge";
        QTest::newRow("a line end") << "a" << "b\r\nSet-Cookie: c=d" << "" << "InvalidArgument";
        QTest::newRow("a control character") << "a" << "b\x01" << "" << "InvalidArgument";
        QTest::newRow("no name") << "a b" << "c" << "" << "InvalidArgument";
        QTest::newRow("a line end in a name") << "a\n" << "c" << "" << "InvalidArgument";
        QTest::newRow("a line end in the type") << "a" << "b" << "text/x\nb: c" << "InvalidArgument";
    }
    void metadataIsTheUsersAndStaysWithinItsLimits() {
        QFETCH(QString, name);
        QFETCH(QString, value);
        QFETCH(QString, type);
        QFETCH(QString, reason);
        GrpcFixture house;
        api::NameRequest bucketName;
        bucketName.set_name("videos");
        api::Bucket bucket;
        grpc::ClientContext makeContext;
        QVERIFY(house.buckets->CreateBucket(&makeContext, bucketName, &bucket).ok());
        api::Object object;
        grpc::ClientContext putContext;
        const auto writer = house.buckets->PutObject(&putContext, &object);
        api::PutObjectRequest piece;
        piece.set_bucket_name("videos");
        piece.set_key("a");
        piece.set_content_type(type.toStdString());
        (*piece.mutable_metadata())[name.toStdString()] = value.toStdString();
        piece.set_last(true);
        writer->Write(piece);
        writer->WritesDone();
        const auto status = writer->Finish();
        QCOMPARE(status.ok(), reason.isEmpty());
        if (!reason.isEmpty()) {
            QCOMPARE(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
            QCOMPARE(GrpcFixture::reason(putContext), reason.toStdString());
            return;
        }
        const auto plain = name.toLower().toStdString();
        QCOMPARE(object.metadata().at(plain), value.toStdString());
        const auto head =
            runBlocking(house.io.context(0).get_executor(), house.objects->head(GrpcFixture::kAccount, "videos", "a"));
        QVERIFY(head.has_value());
        QCOMPARE(head->metadata.size(), std::size_t{1});
        QCOMPARE(head->metadata.at("x-amz-meta-" + plain), value.toStdString());
    }

    void anObjectGoesInAndOutInPieces() {
        GrpcFixture house;
        api::NameRequest name;
        name.set_name("videos");
        api::Bucket bucket;
        grpc::ClientContext makeContext;
        QVERIFY(house.buckets->CreateBucket(&makeContext, name, &bucket).ok());
        std::string bytes;
        for (int i = 0; i < 3'000'000; ++i) {
            bytes += static_cast<char>(i * 31 + i / 977);
        }
        api::Object object;
        grpc::ClientContext putContext;
        const auto writer = house.buckets->PutObject(&putContext, &object);
        api::PutObjectRequest piece;
        piece.set_bucket_name("videos");
        piece.set_key("in/a.bin");
        (*piece.mutable_metadata())["colour"] = "blue";
        for (std::size_t at = 0; at < bytes.size(); at += 700'000) {
            piece.set_data(bytes.substr(at, 700'000));
            piece.set_last(at + 700'000 >= bytes.size());
            QVERIFY(writer->Write(piece));
            piece.Clear();
        }
        writer->WritesDone();
        QVERIFY(writer->Finish().ok());
        QCOMPARE(object.etag(), toHex(md5(bytes)));

        api::ObjectRequest request;
        request.set_bucket_name("videos");
        request.set_key("in/a.bin");
        grpc::ClientContext getContext;
        const auto reader = house.buckets->GetObject(&getContext, request);
        api::ObjectChunk chunk;
        QVERIFY(reader->Read(&chunk));
        QCOMPARE(chunk.object().metadata().at("colour"), std::string("blue"));
        QCOMPARE(chunk.object().size(), static_cast<double>(bytes.size()));
        std::string back;
        while (reader->Read(&chunk)) {
            back += chunk.data();
        }
        QVERIFY(reader->Finish().ok());
        QVERIFY(back == bytes);

        api::ListObjectsRequest list;
        list.set_bucket_name("videos");
        list.set_delimiter("/");
        api::ListObjectsOutput listed;
        grpc::ClientContext listContext;
        QVERIFY(house.buckets->ListObjects(&listContext, list, &listed).ok());
        QCOMPARE(listed.common_prefixes_size(), 1);

        api::Empty nothing;
        grpc::ClientContext busyContext;
        QCOMPARE(house.buckets->DeleteBucket(&busyContext, name, &nothing).error_code(),
                 grpc::StatusCode::FAILED_PRECONDITION);
        grpc::ClientContext rmContext;
        QVERIFY(house.buckets->DeleteObject(&rmContext, request, &nothing).ok());
        grpc::ClientContext deleteContext;
        QVERIFY(house.buckets->DeleteBucket(&deleteContext, name, &nothing).ok());
    }

    // A client that stops in the middle, by closing its side or by going away, leaves nothing behind.
    void anUploadThatIsCutOffLeavesNothing() {
        GrpcFixture house;
        api::NameRequest name;
        name.set_name("videos");
        api::Bucket bucket;
        grpc::ClientContext makeContext;
        QVERIFY(house.buckets->CreateBucket(&makeContext, name, &bucket).ok());
        for (const bool cancels : {false, true}) {
            api::Object object;
            grpc::ClientContext context;
            const auto writer = house.buckets->PutObject(&context, &object);
            api::PutObjectRequest piece;
            piece.set_bucket_name("videos");
            piece.set_key("half");
            piece.set_data("half of it");
            QVERIFY(writer->Write(piece));
            if (cancels) {
                context.TryCancel();
            } else {
                writer->WritesDone();
            }
            QCOMPARE(writer->Finish().error_code(), grpc::StatusCode::CANCELLED);
        }
        api::ListObjectsRequest list;
        list.set_bucket_name("videos");
        api::ListObjectsOutput listed;
        grpc::ClientContext listContext;
        QVERIFY(house.buckets->ListObjects(&listContext, list, &listed).ok());
        QCOMPARE(listed.objects_size(), 0);
    }

    void triggersAndGrantsAreKeptAndExplained() {
        GrpcFixture house;
        api::FunctionReply made;
        QVERIFY(house.deploy("f", made).ok());
        api::CreateTriggerRequest create;
        create.set_function_name("f");
        create.mutable_trigger()->set_trigger_name("on-timer");
        create.mutable_trigger()->set_trigger_type("timer");
        create.mutable_trigger()->set_trigger_config(R"({"cronExpression":"@every 5m","payload":"x","enable":true})");
        api::Trigger trigger;
        grpc::ClientContext createContext;
        const auto status = house.triggerStub->CreateTrigger(&createContext, create, &trigger);
        QVERIFY2(status.ok(), status.error_message().c_str());

        api::ExplainRequest question;
        question.set_principal("acs:fc:local:123456789:functions/f/triggers/on-timer");
        question.set_action("fc:InvokeFunction");
        question.set_resource("acs:fc:local:123456789:functions/f");
        api::AccessDecision decision;
        grpc::ClientContext denied;
        QVERIFY(house.grantStub->Explain(&denied, question, &decision).ok());
        QVERIFY(!decision.allowed());
        QCOMPARE(decision.reason(), std::string("ImplicitDeny"));

        api::Grant grant;
        grant.set_grant_name("timer");
        grant.set_principal(question.principal());
        auto& statement = *grant.add_statement();
        statement.set_effect("Allow");
        statement.add_action("fc:InvokeFunction");
        statement.add_resource(question.resource());
        grpc::ClientContext putContext;
        QVERIFY(house.grantStub->PutGrant(&putContext, grant, &grant).ok());
        grpc::ClientContext allowed;
        QVERIFY(house.grantStub->Explain(&allowed, question, &decision).ok());
        QVERIFY(decision.allowed());
        QCOMPARE(decision.grant_name(), std::string("timer"));
        question.set_action("nonsense");
        grpc::ClientContext unknown;
        QCOMPARE(house.grantStub->Explain(&unknown, question, &decision).error_code(),
                 grpc::StatusCode::INVALID_ARGUMENT);
        question.clear_action();
        grpc::ClientContext incomplete;
        QCOMPARE(house.grantStub->Explain(&incomplete, question, &decision).error_code(),
                 grpc::StatusCode::INVALID_ARGUMENT);
    }

    void limitsAreSetAndRead() {
        GrpcFixture house;
        api::FunctionReply made;
        QVERIFY(house.deploy("f", made).ok());
        api::FunctionConcurrency limit;
        limit.set_function_name("f");
        limit.set_reserved_concurrency(7);
        api::FunctionConcurrency reply;
        grpc::ClientContext setContext;
        QVERIFY(house.system->SetFunctionConcurrency(&setContext, limit, &reply).ok());
        QCOMPARE(reply.reserved_concurrency(), 7);
        limit.clear_reserved_concurrency();
        grpc::ClientContext clearContext;
        QVERIFY(house.system->SetFunctionConcurrency(&clearContext, limit, &reply).ok());
        QVERIFY(!reply.has_reserved_concurrency());
        api::AccountSettings settings;
        for (const auto& [value, code] : {std::pair{0, grpc::StatusCode::INVALID_ARGUMENT},
                                          {10'001, grpc::StatusCode::INVALID_ARGUMENT},
                                          {9, grpc::StatusCode::OK}}) {
            settings.set_concurrency_limit(value);
            grpc::ClientContext context;
            api::AccountSettings now;
            QCOMPARE(house.system->SetAccount(&context, settings, &now).error_code(), code);
        }
        QCOMPARE(house.limits.accountLimit(GrpcFixture::kAccount), 9);
        api::DoctorReply findings;
        grpc::ClientContext doctorContext;
        QVERIFY(house.system->Doctor(&doctorContext, api::Empty(), &findings).ok());
        QVERIFY(findings.findings_size() > 3);
    }
};

QTEST_GUILESS_MAIN(TestGrpcServices)
#include "tst_grpc_services.moc"
