// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What channels are sent, byte for byte, and that whatever a rule says stays a text in it.

#include "alarms/fixture.h"

#include "alarms/notify/clean_text.h"
#include "alarms/notify/http_messages.h"
#include "alarms/notify/other_messages.h"
#include "alarms/notify/template.h"
#include "base/digest.h"
#include "base/encoding.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

// moc loses its way in raw strings: what it must read comes before them.
class TestAlarmsMessages : public QObject {
    Q_OBJECT

private slots:
    void theUsualTextsSayWhatHappened();
    void templatesAreFilledIn();
    void aStormIsAList();
    void theWebhookIsSigned();
    void dingTalkGetsMarkdownAndASign();
    void feishuGetsACardAndASign();
    void weComGetsMarkdownOfBoundedLength();
    void slackGetsAnAttachmentWithAColour();
    void answersAreJudgedByWhatTheySay();
    void aMailIsAsTheStandardsHaveIt();
    void namesCannotAddHeaders();
    void theDesktopGetsTextWithoutMarkup();
    void aCommandGetsVariablesAndJson();
    void anyBytesMakeValidMessages();
    void messagesAreReadAsTheyWereWritten();
    void theSameNewsHaveTheSameId();
    void channelsThatAreWrongAreTold();
};

using namespace hanshu;
using namespace hanshu::alarms;
using namespace std::chrono_literals;

namespace {

Notice firing() {
    Notice notice;
    notice.rule = RuleId{"errors"};
    notice.name = "Errors of img";
    notice.severity = Severity::Critical;
    notice.labels = {{"team", "media"}};
    notice.condition = "sum of Errors > 10 in 1m";
    notice.series = {"1", "img", "LATEST", ""};
    notice.time = kStart + 60s;
    notice.since = kStart + 60s;
    notice.value = 12.5;
    notice.threshold = 10;
    notice.metric = "Errors";
    return notice;
}

Message messageOf(std::vector<Notice> notices) {
    return {"00112233445566778899aabbccddeeff", ChannelId{"team"}, kStart + 65s, std::move(notices)};
}

void compare(const std::string& actual, const std::string& expected) {
    QCOMPARE(QString::fromStdString(actual), QString::fromStdString(expected));
}

std::string header(const HttpMessage& message, std::string_view name) {
    const auto found = std::ranges::find(message.headers, name, &std::pair<std::string, std::string>::first);
    return found == message.headers.end() ? "" : found->second;
}

QJsonObject parsed(const std::string& body) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(body)).object();
}

const std::string kTitle = "[critical] Firing: Errors of img";
const std::string kText = "1/img:LATEST: 12.5\nsum of Errors > 10 in 1m\nSince 2023-11-15T00:01:00Z\nteam=media";

}  // namespace

void TestAlarmsMessages::theUsualTextsSayWhatHappened() {
    auto notice = firing();
    compare(titleOf(notice), kTitle);
    compare(textOf(notice), kText);
    notice.event = Event::Resolved;
    notice.value.reset();
    notice.isLate = true;
    compare(titleOf(notice), "[critical] Resolved: Errors of img");
    compare(textOf(notice),
            "1/img:LATEST: no data\nsum of Errors > 10 in 1m\nSince 2023-11-15T00:01:00Z\n"
            "Told late: nobody was watching at that time.\nteam=media");
}

void TestAlarmsMessages::templatesAreFilledIn() {
    auto notice = firing();
    notice.title = "{{{rule}}} {id} {event} {state} {severity} {metric} {operator} {threshold}";
    notice.text = "{account}/{function}/{qualifier}/{detail}. {label.team}{label.none} {labels} {since}";
    QVERIFY(checkPlaceholders(notice.title) && checkPlaceholders(notice.text));
    compare(titleOf(notice), "{Errors of img} errors fired firing critical Errors > 10");
    compare(textOf(notice), "1/img/LATEST/. media team=media 2023-11-15T00:01:00Z");
    for (const auto* wrong : {"{", "}", "a {no} b", "{rule", "{ru{le}}", "{}", "{label.}"}) {
        QVERIFY2(!checkPlaceholders(wrong), wrong);
    }
    compare(fillIn("{no} {rule", notice), "{no} {rule");
}

void TestAlarmsMessages::aStormIsAList() {
    std::vector<Notice> notices(30, firing());
    notices[29].event = Event::Resolved;
    const auto message = messageOf(notices);
    compare(titleOf(message), "[critical] 30 alarms: 29 fired, 1 resolved");
    const auto text = textOf(message);
    QCOMPARE(std::ranges::count(text, '\n'), 20);
    QVERIFY(text.ends_with("… and 10 more"));
    QVERIFY(!isOver(message));
}

void TestAlarmsMessages::theWebhookIsSigned() {
    const WebhookChannel channel{"https://example.com/hook", "secret", {{"X-Team", "media"}}};
    const auto request = webhookMessage(channel, messageOf({firing()}), kStart + 70s);
    compare(request.body,
            R"({"version":1,"id":"00112233445566778899aabbccddeeff","channel":"team","time":"2023-11-15T00:01:05Z",)"
            R"("title":"[critical] Firing: Errors of img","text":"1/img:LATEST: 12.5\nsum of Errors > 10 in 1m\n)"
            R"(Since 2023-11-15T00:01:00Z\nteam=media","severity":"critical","alarms":[{"event":"fired",)"
            R"("ruleId":"errors","ruleName":"Errors of img","severity":"critical","state":"firing",)"
            R"("series":{"account":"1","function":"img","qualifier":"LATEST"},"metric":"Errors","value":1.25E1,)"
            R"("operator":">","threshold":1E1,"condition":"sum of Errors > 10 in 1m","time":"2023-11-15T00:01:00Z",)"
            R"("since":"2023-11-15T00:01:00Z","late":false,"labels":{"team":"media"},)"
            R"("title":"[critical] Firing: Errors of img","text":"1/img:LATEST: 12.5\nsum of Errors > 10 in 1m\n)"
            R"(Since 2023-11-15T00:01:00Z\nteam=media"}]})");
    compare(header(request, "Hanshu-Signature"),
            "t=1700006470,v1=" + toHex(hmacSha256("secret", "1700006470." + request.body)));
    compare(header(request, "Hanshu-Delivery"), "00112233445566778899aabbccddeeff");
    compare(header(request, "X-Team"), "media");
    compare(header(webhookMessage({"u", "", {}}, messageOf({firing()}), kStart), "Hanshu-Signature"), "");
}

void TestAlarmsMessages::dingTalkGetsMarkdownAndASign() {
    const ChatChannel channel{ChatKind::DingTalk, "https://oapi.dingtalk.com/robot/send?access_token=x", "SEC1"};
    const auto request = chatMessage(channel, messageOf({firing()}), kStart + 70s);
    compare(request.url, "https://oapi.dingtalk.com/robot/send?access_token=x&timestamp=1700006470000&sign=" +
                             percentEncode(toBase64(hmacSha256("SEC1", "1700006470000\nSEC1"))));
    compare(request.body,
            R"({"msgtype":"markdown","markdown":{"title":"[critical] Firing: Errors of img","text":)"
            R"("#### \\[critical\\] Firing: Errors of img\n\n1/img:LATEST: 12.5  \nsum of Errors \\> 10 in 1m  \n)"
            R"(Since 2023-11-15T00:01:00Z  \nteam=media"}})");
}

void TestAlarmsMessages::feishuGetsACardAndASign() {
    const ChatChannel channel{ChatKind::Feishu, "https://open.feishu.cn/open-apis/bot/v2/hook/x", "key"};
    const auto request = chatMessage(channel, messageOf({firing()}), kStart + 70s);
    compare(request.url, channel.url);
    compare(request.body, R"({"timestamp":"1700006470","sign":")" + toBase64(hmacSha256("1700006470\nkey", "")) +
                              R"(","msg_type":"interactive","card":{"header":{"title":{"tag":"plain_text","content":)"
                              R"("[critical] Firing: Errors of img"},"template":"red"},"elements":[{"tag":"div",)"
                              R"("text":{"tag":"plain_text","content":"1/img:LATEST: 12.5\n)"
                              R"(sum of Errors > 10 in 1m\nSince 2023-11-15T00:01:00Z\nteam=media"}}]}})");
}

void TestAlarmsMessages::weComGetsMarkdownOfBoundedLength() {
    const ChatChannel channel{ChatKind::WeCom, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x", ""};
    compare(
        chatMessage(channel, messageOf({firing()}), kStart).body,
        R"({"msgtype":"markdown","markdown":{"content":"**<font color=\"warning\">[critical] Firing: Errors of img</font>**\n1/img:LATEST: 12.5\nsum of Errors &gt; 10 in 1m\n)"
        R"(Since 2023-11-15T00:01:00Z\nteam=media"}})");
    auto notice = firing();
    for (int i = 0; i < 3000; ++i) {
        notice.text += "警";
    }
    const auto content =
        parsed(chatMessage(channel, messageOf({notice}), kStart).body)["markdown"].toObject()["content"].toString();
    QVERIFY(content.toUtf8().size() <= 4096 && content.toUtf8().size() > 4080);
    QVERIFY(content.endsWith(QStringLiteral("…")));
}

void TestAlarmsMessages::slackGetsAnAttachmentWithAColour() {
    const ChatChannel channel{ChatKind::Slack, "https://hooks.slack.com/services/x", ""};
    compare(chatMessage(channel, messageOf({firing()}), kStart).body,
            R"({"text":"[critical] Firing: Errors of img","attachments":[{"color":"danger","fallback":)"
            R"("[critical] Firing: Errors of img","text":"1/img:LATEST: 12.5\nsum of Errors &gt; 10 in 1m\n)"
            R"(Since 2023-11-15T00:01:00Z\nteam=media","ts":1700006465}]})");
    auto over = firing();
    over.event = Event::Resolved;
    over.name = "<!channel> & co";
    const auto body = parsed(chatMessage(channel, messageOf({over}), kStart).body);
    QCOMPARE(body["attachments"].toArray()[0].toObject()["color"].toString(), QString("good"));
    QCOMPARE(body["text"].toString(), QString("[critical] Resolved: &lt;!channel&gt; &amp; co"));
}

void TestAlarmsMessages::answersAreJudgedByWhatTheySay() {
    QVERIFY(judgeAnswer(std::nullopt, 204, ""));
    QVERIFY(!judgeAnswer(std::nullopt, 500, "oops"));
    QVERIFY(!judgeAnswer(std::nullopt, 302, ""));
    QVERIFY(judgeAnswer(ChatKind::Slack, 200, "ok"));
    QVERIFY(!judgeAnswer(ChatKind::Slack, 404, "no_service"));
    QVERIFY(judgeAnswer(ChatKind::DingTalk, 200, R"({"errcode":0,"errmsg":"ok"})"));
    const auto refused = judgeAnswer(ChatKind::DingTalk, 200, R"({"errcode":310000,"errmsg":"sign not match"})");
    QVERIFY(!refused && refused.error().param("answer").find("sign not match") != std::string_view::npos);
    QVERIFY(judgeAnswer(ChatKind::Feishu, 200, R"({"code":0,"msg":"success"})"));
    QVERIFY(judgeAnswer(ChatKind::Feishu, 200, R"({"StatusCode":0,"StatusMessage":"success"})"));
    QVERIFY(!judgeAnswer(ChatKind::Feishu, 200, R"({"code":19021,"msg":"sign match fail"})"));
    QVERIFY(!judgeAnswer(ChatKind::WeCom, 200, R"({"errcode":93000})"));
    QVERIFY(!judgeAnswer(ChatKind::WeCom, 200, "<html>"));
    QVERIFY(!judgeAnswer(ChatKind::WeCom, 200, "{}"));
}

void TestAlarmsMessages::aMailIsAsTheStandardsHaveIt() {
    const MailChannel channel{"smtps://mail", "u", "p", "alarms@example.com", {"a@example.com", "b@example.com"}};
    const auto mail = mailMessage(channel, messageOf({firing()}), kStart + 70s);
    compare(mail.substr(0, mail.find("\r\n\r\n")),
            "Date: Wed, 15 Nov 2023 00:01:10 +0000\r\nFrom: Hanshu <alarms@example.com>\r\n"
            "To: a@example.com,\r\n b@example.com\r\nSubject: [critical] Firing: Errors of img\r\n"
            "Message-ID: <00112233445566778899aabbccddeeff@hanshu>\r\nAuto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; "
            "boundary=\"hanshu-00112233445566778899aabbccddeeff\"");
    const auto plain = mail.find("base64\r\n\r\n") + 10;
    auto body = mail.substr(plain, mail.find("\r\n\r\n--", plain) - plain);
    std::erase(body, '\r');
    std::erase(body, '\n');
    compare(fromBase64(body).value_or("?"), kText + "\n");
    QVERIFY(mail.ends_with("--hanshu-00112233445566778899aabbccddeeff--\r\n"));
    for (std::size_t at = 0; at < mail.size();) {
        const auto end = mail.find("\r\n", at);
        QVERIFY(end != std::string::npos && end - at <= 100);
        QVERIFY(mail.substr(at, end - at).find_first_of("\r\n") == std::string::npos);
        at = end + 2;
    }
}

void TestAlarmsMessages::namesCannotAddHeaders() {
    const MailChannel channel{"smtp://mail", "", "", "alarms@example.com", {"a@example.com"}};
    auto notice = firing();
    notice.name = "x\r\nBcc: evil@example.com\r\n\r\nbody";
    const auto mail = mailMessage(channel, messageOf({notice}), kStart);
    QVERIFY(mail.substr(0, mail.find("\r\n\r\n")).find("\r\nBcc:") == std::string::npos);
    notice.name = "报警报警报警报警报警报警报警报警报警报警报警报警 <b>";
    const auto chinese = mailMessage(channel, messageOf({notice}), kStart);
    const auto from = chinese.find("Subject: ") + 9;
    const auto subject = chinese.substr(from, chinese.find("Message-ID") - from);
    std::string decoded;
    for (std::size_t at = 0; (at = subject.find("=?UTF-8?B?", at)) != std::string::npos;) {
        const auto end = subject.find("?=", at + 10);
        QVERIFY(end + 2 - at <= 75);
        const auto word = fromBase64(subject.substr(at + 10, end - at - 10)).value_or("?");
        QVERIFY(isUtf8(word));
        decoded += word;
        at = end;
    }
    compare(decoded, "[critical] Firing: " + notice.name);
}

void TestAlarmsMessages::theDesktopGetsTextWithoutMarkup() {
    auto notice = firing();
    notice.text = "<b>{function}</b> & co";
    const auto notification = desktopNotification(messageOf({notice}));
    compare(notification.summary, kTitle);
    compare(notification.body, "&lt;b&gt;img&lt;/b&gt; &amp; co");
    QCOMPARE(notification.urgency, std::uint8_t{2});
    QCOMPARE(notification.expireMilliseconds, 0);
    QCOMPARE(notification.actions.size(), std::size_t{3});
    notice.event = Event::Resolved;
    QVERIFY(desktopNotification(messageOf({notice})).actions.empty());
}

void TestAlarmsMessages::aCommandGetsVariablesAndJson() {
    const CommandChannel channel{{"/usr/bin/alarm", "-v"}, 5s};
    auto notice = firing();
    notice.name = std::string("a\0b; rm -rf $HOME", 17);
    const auto call = commandCall(channel, messageOf({notice}), kStart);
    QCOMPARE(call.arguments, channel.command);
    QCOMPARE(call.timeout, std::chrono::seconds(5));
    const std::map<std::string, std::string> variables(call.environment.begin(), call.environment.end());
    compare(variables.at("HANSHU_ALARM_RULE"), "ab; rm -rf $HOME");
    compare(variables.at("HANSHU_ALARM_FUNCTION"), "img");
    compare(variables.at("HANSHU_ALARM_VALUE"), "12.5");
    QCOMPARE(parsed(call.input)["alarms"].toArray().size(), 1);
}

void TestAlarmsMessages::anyBytesMakeValidMessages() {
    auto notice = firing();
    notice.name = "\xFF\xFE<\x01\"\\\xE8\xAD";
    notice.value = std::numeric_limits<double>::infinity();
    notice.labels = {{"k", "\xC3"}};
    const auto message = messageOf({notice});
    QVERIFY(!parsed(webhookMessage({"u", "s", {}}, message, kStart).body).isEmpty());
    for (const auto kind : {ChatKind::DingTalk, ChatKind::Feishu, ChatKind::WeCom, ChatKind::Slack}) {
        QVERIFY(!parsed(chatMessage({kind, "https://x", "s"}, message, kStart).body).isEmpty());
    }
    QVERIFY(isUtf8(mailMessage({"smtp://m", "", "", "a@b", {"c@d"}}, message, kStart)));
    QVERIFY(isUtf8(desktopNotification(message).summary));
    compare(cleanUtf8("a\xFF\xE8\xAD\xA6z"), "a\xEF\xBF\xBD\xE8\xAD\xA6z");
    compare(shortened("警警警", 8), "警…");
    compare(shortened("警警警", 9), "警警警");
}

void TestAlarmsMessages::messagesAreReadAsTheyWereWritten() {
    auto notice = firing();
    notice.isLate = true;
    notice.text = "{rule}";
    const auto message = messageOf({notice, firing()});
    std::string bytes;
    ByteWriter out(bytes);
    write(out, message);
    Message again;
    ByteReader in(bytes);
    QVERIFY(read(in, again));
    compare(webhookMessage({"u", "s", {}}, again, kStart).body, webhookMessage({"u", "s", {}}, message, kStart).body);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        Message cut;
        ByteReader part(std::string_view(bytes).substr(0, size));
        QVERIFY(!read(part, cut));
    }
}

void TestAlarmsMessages::theSameNewsHaveTheSameId() {
    const std::set<ChannelId> channels = {ChannelId{"a"}, ChannelId{"b"}};
    const auto first = toMessages({{firing(), channels}}, 5, kStart);
    const auto later = toMessages({{firing(), channels}}, 5, kStart + 1h);
    QCOMPARE(first.size(), std::size_t{2});
    compare(first[0].id, later[0].id);
    QVERIFY(first[0].id != first[1].id);
    auto resolved = firing();
    resolved.event = Event::Resolved;
    QVERIFY(toMessages({{resolved, channels}}, 5, kStart)[0].id != first[0].id);
}

void TestAlarmsMessages::channelsThatAreWrongAreTold() {
    const auto fields = [](decltype(Channel::target) target) {
        std::string all;
        for (const auto& violation : validate(Channel{ChannelId{"c"}, "c", std::move(target), true})) {
            all += violation.field + " ";
        }
        return all;
    };
    compare(fields(WebhookChannel{"https://example.com/x", "", {{"X-A", "1"}}}), "");
    compare(fields(WebhookChannel{"file:///etc/passwd", "", {{"X A", "1"}, {"B", "1\r\n2"}}}),
            "url headers.B headers.X A ");
    compare(fields(ChatChannel{ChatKind::Slack, "https://", ""}), "url ");
    compare(fields(MailChannel{"smtp://m:25", "", "", "a@b", {"c@d"}, true}), "");
    compare(fields(MailChannel{"mail", "u", "p", "a@b\r\nX: y", {"c"}, true}), "server from to mayBePlain ");
    compare(fields(CommandChannel{{"alarm"}, 0s}), "command timeout ");
    compare(fields(DesktopChannel{}), "");
}

QTEST_APPLESS_MAIN(TestAlarmsMessages)
#include "tst_alarms_messages.moc"
