// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/rest_error.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace hanshu;
using namespace hanshu::api;

class TestRestError : public QObject {
    Q_OBJECT

private slots:
    void theFiveKeysAreThereForBothGenerationsOfSdks() {
        const auto response = toErrorResponse(
            Error{Code::NotFound, "FunctionNotFound", {{"function", "f\"\xff"}}, "secret detail"}, "1-abc");
        QCOMPARE(response.status, 404U);
        QVERIFY(response.headers.get("content-type") == "application/json");
        QVERIFY(response.headers.get("x-fc-request-id") == "1-abc");
        const auto body = QJsonDocument::fromJson(QByteArray::fromStdString(response.body)).object();
        QCOMPARE(body.size(), 5);
        QCOMPARE(body["ErrorCode"].toString(), "FunctionNotFound");
        QCOMPARE(body["Code"], body["ErrorCode"]);
        QCOMPARE(body["ErrorMessage"].toString(), QStringLiteral("function 'f\"\ufffd' does not exist."));
        QCOMPARE(body["Message"], body["ErrorMessage"]);
        QCOMPARE(body["RequestId"].toString(), "1-abc");
    }

    void aMessageReplacesTheSentence() {
        const auto rest = toRestError(Error{Code::InvalidArgument, "InvalidArgument", {{"message", "Cpu is bad"}}, {}});
        QCOMPARE(rest.status, 400U);
        QCOMPARE(rest.message, std::string("Cpu is bad"));
    }

    void aValueIsTold() {
        const auto rest =
            toRestError(Error{Code::InvalidArgument, "InvalidArgument", {{"field", "limit"}, {"value", "101"}}, {}});
        QCOMPARE(rest.message, std::string("limit is set to an invalid value (actual: '101')"));
    }

    void anInternalErrorTellsNothing() {
        const auto rest =
            toRestError(Error{Code::Internal, "InternalServerError", {{"message", "disk 7"}}, "/var/lib/x: EIO"});
        QCOMPARE(rest.status, 500U);
        QCOMPARE(rest.message, std::string("an internal error has occurred. Please retry."));
    }

    void aReasonWithoutASentenceKeepsItsCodeAndStatus() {
        const auto rest = toRestError(Error{Code::ResourceExhausted, "SomethingNew", {}, {}});
        QCOMPARE(rest.status, 429U);
        QCOMPARE(rest.code, std::string("SomethingNew"));
        QVERIFY(!rest.message.empty());
    }

    void aDenialSaysWhetherAGrantDeniesOrNoneAllows() {
        Error error{Code::PermissionDenied,
                    "AccessDenied",
                    {{"principal", "acs:ram::1:role/r"}, {"action", "oss:GetObject"}, {"resource", "acs:oss:l:1:b/k"}},
                    {}};
        QCOMPARE(
            toRestError(error).message,
            std::string("acs:ram::1:role/r is not allowed to oss:GetObject on acs:oss:l:1:b/k: no grant allows it"));
        error.params.emplace_back("grant", "g");
        QCOMPARE(toRestError(error).message, std::string("acs:ram::1:role/r is not allowed to oss:GetObject on "
                                                         "acs:oss:l:1:b/k: grant 'g' denies it"));
    }
};

QTEST_GUILESS_MAIN(TestRestError)
#include "tst_rest_error.moc"
