// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "access/policy.h"
#include "api/json.h"

#include <QElapsedTimer>
#include <QTest>

using namespace hanshu;
using namespace hanshu::access;

namespace {

const std::string kRole = "acs:ram::1:role/r";

Caller caller(Caller::Kind kind, const std::string& account = "1", const std::string& principal = kRole) {
    return {kind, account, principal, {}};
}

api::Grant grant(const std::string& name, const std::string& statements, const std::string& principal = kRole) {
    api::Grant made;
    const auto read = api::readJson(
        "{\"grantName\":\"" + name + "\",\"principal\":\"" + principal + "\",\"statement\":[" + statements + "]}",
        made);
    if (!read) {
        qFatal("%s", read.error().describe().c_str());
    }
    return made;
}

std::string allow(const std::string& action, const std::string& resource, const std::string& more = {}) {
    return "{\"Effect\":\"Allow\",\"Action\":\"" + action + "\",\"Resource\":\"" + resource + "\"" + more + "}";
}

std::string deny(const std::string& action, const std::string& resource, const std::string& more = {}) {
    return "{\"Effect\":\"Deny\",\"Action\":\"" + action + "\",\"Resource\":\"" + resource + "\"" + more + "}";
}

std::string condition(const std::string& text) {
    return ",\"Condition\":{" + text + "}";
}

}  // namespace

class TestPolicy : public QObject {
    Q_OBJECT

    Policy m_policy;
    const Caller m_role = caller(Caller::Kind::Role);

    bool allowed(std::string_view action, std::string_view resource,
                 std::map<std::string, std::string, std::less<>> context = {}) {
        return m_policy.decide({m_role, action, resource, std::move(context)}).allowed;
    }

private slots:
    void patternsMatchAsInShells() {
        const std::vector<std::pair<const char*, const char*>> yes{
            {"", ""},        {"*", ""},         {"*", "abc"},
            {"a*c", "abbc"}, {"a*c", "ac"},     {"a?c", "abc"},
            {"*b*", "abc"},  {"a**c", "abc"},   {"in/*.mp4", "in/x/y.mp4"},
            {"?", "函"},     {"*函?", "x函数"}, {"*a*b*c", "xaxbxc"}};
        const std::vector<std::pair<const char*, const char*>> no{{"", "a"},      {"a", ""},     {"?", ""},
                                                                  {"a*c", "abd"}, {"a?c", "ac"}, {"ab", "abc"},
                                                                  {"*b", "abc"},  {"A", "a"},    {"??", "函"}};
        for (const auto& [pattern, text] : yes) {
            QVERIFY2(matchesPattern(pattern, text), pattern);
        }
        for (const auto& [pattern, text] : no) {
            QVERIFY2(!matchesPattern(pattern, text), pattern);
        }
    }

    void aHostilePatternTakesTheProductOfTheLengthsAtMost() {
        std::string pattern;
        for (int i = 0; i < 500; ++i) {
            pattern += "a*";
        }
        QElapsedTimer timer;
        timer.start();
        QVERIFY(!matchesPattern(pattern + "b", std::string(20'000, 'a')));
        // Ten million steps; an exponential matcher would not end in the age of the universe.
        QVERIFY(timer.elapsed() < 10'000);
    }

    void nothingIsAllowedThatNoGrantAllows() {
        m_policy.setGrants("1", {});
        const auto decision = m_policy.decide({m_role, "oss:GetObject", "acs:oss:l:1:in/a", {}});
        QVERIFY(!decision.allowed);
        QCOMPARE(decision.reason, std::string("ImplicitDeny"));
        QCOMPARE(decision.statementIndex, -1);
        m_policy.setGrants("1", {grant("g", allow("oss:GetObject", "acs:oss:*:*:in/*"))});
        QVERIFY(allowed("oss:GetObject", "acs:oss:l:1:in/a"));
        QVERIFY(!allowed("oss:PutObject", "acs:oss:l:1:in/a"));
        QVERIFY(!allowed("oss:GetObject", "acs:oss:l:1:out/a"));
        QVERIFY(!allowed("oss:GetObject", "acs:oss:l:1:in"));
        QVERIFY(!allowed("oss:GetObject", "nonsense"));
        m_policy.setGrants("1", {});
        QVERIFY(!allowed("oss:GetObject", "acs:oss:l:1:in/a"));
    }

    void aDenyWinsWhereverItStands() {
        for (const bool first : {true, false}) {
            const auto yes = grant("yes", allow("oss:*", "*"));
            const auto no = grant("no", allow("fc:*", "*") + "," + deny("oss:Delete*", "acs:oss:*:*:in/*"));
            m_policy.setGrants("1", first ? std::vector{no, yes} : std::vector{yes, no});
            const auto decision = m_policy.decide({m_role, "oss:DeleteObject", "acs:oss:l:1:in/a", {}});
            QVERIFY(!decision.allowed);
            QCOMPARE(decision.reason, std::string("ExplicitDeny"));
            QCOMPARE(decision.grantName, std::string("no"));
            QCOMPARE(decision.statementIndex, 1);
            const auto other = m_policy.decide({m_role, "oss:DeleteObject", "acs:oss:l:1:out/a", {}});
            QVERIFY(other.allowed);
            QCOMPARE(other.reason, std::string("Allowed"));
            QCOMPARE(other.grantName, std::string("yes"));
        }
    }

    void actionsMatchWithoutCaseAndResourcesWithIt() {
        m_policy.setGrants("1", {grant("g", allow("oss:get*", "acs:oss:*:*:In/*"))});
        QVERIFY(allowed("oss:GetObject", "acs:oss:l:1:In/a"));
        QVERIFY(!allowed("oss:GetObject", "acs:oss:l:1:in/a"));
    }

    void aWildcardDoesNotReachAcrossThePartsOfAnArn() {
        m_policy.setGrants("1", {grant("g", allow("oss:GetObject", "acs:oss:*:*:in/*"))});
        QVERIFY(!allowed("oss:GetObject", "acs:oss:l:1:other/x:in/secret"));
        QVERIFY(allowed("oss:GetObject", "acs:oss:l:1:in/x:y"));
        QVERIFY(!allowed("oss:GetObject", "acs:fc:l:1:in/x"));
        m_policy.setGrants("1", {grant("g", allow("oss:GetObject", "acs:oss:::in/*"))});
        QVERIFY(allowed("oss:GetObject", "acs:oss:l:1:in/x"));
        m_policy.setGrants("1", {grant("g", allow("oss:GetObject", "acs:oss:elsewhere:*:in/*"))});
        QVERIFY(!allowed("oss:GetObject", "acs:oss:l:1:in/x"));
    }

    void conditionsOnThePrefixHold() {
        m_policy.setGrants("1", {grant("g", allow("oss:ListObjects", "acs:oss:*:*:in",
                                                  condition(R"("StringLike":{"oss:Prefix":["in/?*","x"]})")))});
        const auto list = [this](std::map<std::string, std::string, std::less<>> context) {
            return allowed("oss:ListObjects", "acs:oss:l:1:in", std::move(context));
        };
        QVERIFY(list({{"oss:Prefix", "in/videos"}}));
        QVERIFY(list({{"oss:Prefix", "x"}}));
        QVERIFY(list({{"OSS:prefix", "x"}}));
        QVERIFY(!list({{"oss:Prefix", "in/"}}));
        QVERIFY(!list({{"oss:Prefix", ""}}));
        QVERIFY(!list({{"oss:Delimiter", "x"}}));
        QVERIFY(!list({}));
    }

    void allOperatorsAndKeysMustHold() {
        m_policy.setGrants(
            "1",
            {grant("g", allow("oss:ListObjects", "*",
                              condition(
                                  R"("StringEquals":{"oss:Prefix":["a","b"],"oss:Delimiter":"/"},)"
                                  R"("StringNotLike":{"acs:Who":"mallory?*"},"StringNotEquals":{"acs:Who":"eve"})")))});
        const auto list = [this](const std::string& prefix, const std::string& delimiter, const std::string& who) {
            return allowed("oss:ListObjects", "acs:oss:l:1:in",
                           {{"oss:Prefix", prefix}, {"oss:Delimiter", delimiter}, {"acs:Who", who}});
        };
        QVERIFY(list("a", "/", "alice"));
        QVERIFY(list("b", "/", "mallory"));
        QVERIFY(!list("c", "/", "alice"));
        QVERIFY(!list("a", ".", "alice"));
        QVERIFY(!list("a", "/", "mallory2"));
        QVERIFY(!list("a", "/", "eve"));
        // A negated comparison holds of a key that is not there.
        QVERIFY(allowed("oss:ListObjects", "acs:oss:l:1:in", {{"oss:Prefix", "a"}, {"oss:Delimiter", "/"}}));
    }

    void aConditionalDenyLeavesTheRestAllowed() {
        m_policy.setGrants(
            "1",
            {grant("g", allow("oss:*", "*") + "," +
                            deny("oss:ListObjects", "*", condition(R"("StringNotLike":{"oss:Prefix":"in/?*"})")))});
        QVERIFY(allowed("oss:ListObjects", "acs:oss:l:1:in", {{"oss:Prefix", "in/a"}}));
        QVERIFY(!allowed("oss:ListObjects", "acs:oss:l:1:in", {{"oss:Prefix", "out/"}}));
        QVERIFY(!allowed("oss:ListObjects", "acs:oss:l:1:in"));
        QVERIFY(allowed("oss:GetObject", "acs:oss:l:1:in/x"));
    }

    void anOwnerMayDoEverythingAtHomeAndNothingElsewhere() {
        m_policy.setGrants("1", {grant("g", deny("*", "*"))});
        const auto owner = caller(Caller::Kind::Owner);
        const auto home = m_policy.decide({owner, "fc:DeleteFunction", "acs:fc:l:1:functions/f", {}});
        QVERIFY(home.allowed);
        QCOMPARE(home.reason, std::string("Owner"));
        QVERIFY(!m_policy.decide({owner, "fc:GetFunction", "acs:fc:l:2:functions/f", {}}).allowed);
    }

    void grantsHoldForTheirPrincipalAndAccountOnly() {
        m_policy.setGrants("1", {grant("g", allow("*", "*"))});
        m_policy.setGrants("2", {grant("g", allow("*", "*"))});
        QVERIFY(allowed("fc:InvokeFunction", "acs:fc:l:1:functions/f"));
        QVERIFY(!allowed("fc:InvokeFunction", "acs:fc:l:2:functions/f"));
        const auto other = caller(Caller::Kind::Role, "1", "acs:ram::1:role/other");
        QVERIFY(!m_policy.decide({other, "fc:InvokeFunction", "acs:fc:l:1:functions/f", {}}).allowed);
        const auto foreign = caller(Caller::Kind::Role, "3");
        QVERIFY(!m_policy.decide({foreign, "fc:InvokeFunction", "acs:fc:l:3:functions/f", {}}).allowed);
        const auto nobody = caller(Caller::Kind::Anonymous, "1", "");
        QVERIFY(!m_policy.decide({nobody, "fc:InvokeFunction", "acs:fc:l:1:functions/f", {}}).allowed);
    }

    void aTriggersSourceInvokesOnlyWhatItMay() {
        const std::string bucket = "acs:oss:local:1:in";
        m_policy.setGrants("1", {grant("g", allow("fc:InvokeFunction", "acs:fc:*:*:functions/transcode"), bucket)});
        const auto source = caller(Caller::Kind::Source, "1", bucket);
        QVERIFY(m_policy.decide({source, "fc:InvokeFunction", "acs:fc:local:1:functions/transcode", {}}).allowed);
        QVERIFY(!m_policy.decide({source, "fc:InvokeFunction", "acs:fc:local:1:functions/other", {}}).allowed);
        const auto neighbour = caller(Caller::Kind::Source, "1", bucket + "2");
        QVERIFY(!m_policy.decide({neighbour, "fc:InvokeFunction", "acs:fc:local:1:functions/transcode", {}}).allowed);
    }

    void aRefusalSaysWhoWhatAndWhy() {
        m_policy.setGrants("1", {grant("g", deny("oss:GetObject", "*"))});
        const auto refused = m_policy.check({m_role, "oss:GetObject", "acs:oss:l:1:in/a", {}});
        QVERIFY(!refused.has_value());
        QVERIFY(refused.error().code == Code::PermissionDenied);
        QCOMPARE(refused.error().reason, std::string("AccessDenied"));
        QVERIFY(refused.error().param("principal") == kRole);
        QVERIFY(refused.error().param("action") == "oss:GetObject");
        QVERIFY(refused.error().param("resource") == "acs:oss:l:1:in/a");
        QVERIFY(refused.error().param("decision") == "ExplicitDeny");
        QVERIFY(refused.error().param("grant") == "g");
        QVERIFY(m_policy.check({caller(Caller::Kind::Owner), "oss:GetObject", "acs:oss:l:1:in/a", {}}).has_value());
    }

    void aGrantThatWasNeverValidatedOpensNothing() {
        api::Grant broken;
        broken.set_principal(kRole);
        auto* statement = broken.add_statement();
        statement->set_effect("allow");
        statement->add_action("*");
        statement->add_resource("*");
        m_policy.setGrants("1", {broken});
        QVERIFY(!allowed("fc:InvokeFunction", "acs:fc:l:1:functions/f"));
    }
};

QTEST_GUILESS_MAIN(TestPolicy)
#include "tst_policy.moc"
