// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Messages arrive at real receivers on loopback, and what goes wrong on the way is an error that says so.

#include "alarms/fixture.h"

#include "alarms/notify/network_sender.h"
#include "alarms/notify/process.h"
#include "base/digest.h"
#include "base/encoding.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QtTest>

using namespace hanshu;
using namespace hanshu::alarms;
using namespace std::chrono_literals;

namespace {

class Receiver {
public:
    Receiver() {
        m_process.start("/usr/bin/python3", {qEnvironmentVariable("HANSHU_SOURCE") + "/tests/alarms/receiver.py"});
        m_ports = next();
    }
    ~Receiver() {
        m_process.closeWriteChannel();
        m_process.waitForFinished();
    }
    // The next message that arrives; empty after ten seconds.
    QJsonObject next() {
        QDeadlineTimer deadline(10'000);
        while (!m_process.canReadLine() && !deadline.hasExpired()) {
            m_process.waitForReadyRead(static_cast<int>(deadline.remainingTime()));
        }
        return QJsonDocument::fromJson(m_process.readLine()).object();
    }
    std::string http(const std::string& path) {
        return fmt::format("http://127.0.0.1:{}{}", m_ports["http"].toInt(), path);
    }
    std::string smtp() { return fmt::format("smtp://127.0.0.1:{}", m_ports["smtp"].toInt()); }

private:
    QProcess m_process;
    QJsonObject m_ports;
};

Channel channelOf(decltype(Channel::target) target, std::string id = "c") {
    return {ChannelId{std::move(id)}, "Channel", std::move(target), true};
}

Message aMessage() {
    Notice notice;
    notice.rule = RuleId{"r"};
    notice.name = "Fehler ü";
    notice.series = kF;
    notice.value = 3;
    notice.time = notice.since = kStart;
    return toMessages({{notice, {ChannelId{"c"}}}}, 5, kStart).front();
}

std::string messageOf(const Result<void>& result) {
    return result ? "" : result.error().describe();
}

}  // namespace

class TestAlarmsSending : public QObject {
    Q_OBJECT

private slots:
    void aWebhookArrivesWithASignatureThatHolds() {
        Receiver receiver;
        NetworkSender sender;
        const auto message = aMessage();
        const auto sent = sender.send(channelOf(WebhookChannel{receiver.http("/ok"), "secret", {}}), message, kStart);
        QVERIFY2(sent, messageOf(sent).c_str());
        const auto got = receiver.next();
        const auto body = got["body"].toString().toStdString();
        const auto time = std::to_string(kStart.time_since_epoch() / 1s);
        QCOMPARE(got["headers"].toObject()["Hanshu-Signature"].toString().toStdString(),
                 "t=" + time + ",v1=" + toHex(hmacSha256("secret", time + "." + body)));
        QCOMPARE(got["headers"].toObject()["Hanshu-Delivery"].toString().toStdString(), message.id);
        const auto alarm = QJsonDocument::fromJson(QByteArray::fromStdString(body))["alarms"][0];
        QCOMPARE(alarm["ruleName"].toString(), QString::fromUtf8("Fehler ü"));
    }

    void whatServicesRefuseIsAnError() {
        Receiver receiver;
        NetworkSender sender;
        const auto to = [&](const std::string& path) {
            return sender.send(channelOf(WebhookChannel{receiver.http(path), "", {}}), aMessage(), kStart);
        };
        QVERIFY(!to("/status/503"));
        QVERIFY(!to("/status/302"));
        (void)receiver.next();
        QCOMPARE(receiver.next()["path"].toString(), QString("/status/302"));  // was not followed
        const auto chat = [&](ChatKind kind, const std::string& answer) {
            return sender.send(channelOf(ChatChannel{kind, receiver.http("/json/" + percentEncode(answer)), "key"}),
                               aMessage(), kStart);
        };
        QVERIFY(chat(ChatKind::DingTalk, R"({"errcode":0})"));
        QVERIFY(receiver.next()["path"].toString().contains("timestamp="));
        const auto refused = chat(ChatKind::Feishu, R"({"code":9499,"msg":"Bad Request"})");
        QVERIFY(!refused && messageOf(refused).find("Bad Request") != std::string::npos);
    }

    void whoCannotBeReachedIsToldWithoutSecrets() {
        NetworkSender sender({200ms, 500ms, {}});
        const auto refused =
            sender.send(channelOf(WebhookChannel{"http://127.0.0.1:1/token-of-robot", "", {}}), aMessage(), kStart);
        QVERIFY(!refused && refused.error().code == Code::Unavailable);
        QVERIFY(messageOf(refused).find("token-of-robot") == std::string::npos);
        Receiver receiver;
        const auto late = sender.send(channelOf(WebhookChannel{receiver.http("/slow"), "", {}}), aMessage(), kStart);
        QVERIFY(!late && messageOf(late).find("imed out") != std::string::npos);
        QVERIFY(sender.send(channelOf(DesktopChannel{}), aMessage(), kStart).error().code == Code::FailedPrecondition);
    }

    void aMailArrives() {
        Receiver receiver;
        NetworkSender sender;
        MailChannel mail{receiver.smtp(), "", "", "alarms@example.com", {"a@example.com", "b@example.com"}, true};
        const auto sent = sender.send(channelOf(mail), aMessage(), kStart);
        QVERIFY2(sent, messageOf(sent).c_str());
        const auto got = receiver.next();
        QCOMPARE(got["from"].toString(), QString("<alarms@example.com>"));
        QCOMPARE(got["to"].toArray(), (QJsonArray{"<a@example.com>", "<b@example.com>"}));
        QVERIFY(got["body"].toString().contains("Message-ID: <"));
        mail.to = {"nobody@example.com"};
        QVERIFY(!sender.send(channelOf(mail), aMessage(), kStart));
        // A server without encryption gets nothing unless that was asked for.
        mail.to = {"a@example.com"};
        mail.mayBePlain = false;
        QVERIFY(!sender.send(channelOf(mail), aMessage(), kStart));
    }

    void aCommandRunsWithoutAShell() {
        QTemporaryDir folder;
        const auto out = folder.filePath("out").toStdString();
        NetworkSender sender;
        const auto script = "printf '%s|%s|' \"$HANSHU_ALARM_RULE\" \"$1\" > " + out + "; cat >> " + out;
        const CommandChannel command{{"/bin/sh", "-c", script, "alarm", "$HOME;*"}, 5s};
        const auto ran = sender.send(channelOf(command), aMessage(), kStart);
        QVERIFY2(ran, messageOf(ran).c_str());
        QFile file(QString::fromStdString(out));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto text = file.readAll();
        QVERIFY(text.startsWith("Fehler ü|$HOME;*|{\"version\":1"));
    }

    void aCommandThatFailsSaysWhy() {
        const auto call = [](std::vector<std::string> arguments) {
            return run({std::move(arguments), {}, std::string(1'000'000, 'x'), 1s});
        };
        QVERIFY(messageOf(call({"/bin/sh", "-c", "echo no route >&2; exit 3"})).find("status 3: no route") !=
                std::string::npos);
        QVERIFY(messageOf(call({"/no/such/program"})).find("No such file") != std::string::npos);
        QVERIFY(messageOf(call({"/bin/sh", "-c", "kill -9 $$"})).find("signal 9") != std::string::npos);
        QVERIFY(messageOf(call({"/bin/sleep", "60"})).find("longer than 1s") != std::string::npos);
        QVERIFY(call({"/bin/true"}));
    }

    // From values to receivers: each hears of it once, and that it is over.
    void anAlarmReachesEveryone() {
        Receiver receiver;
        QTemporaryDir folder;
        const auto out = folder.filePath("out").toStdString();
        MadeUpValues values;
        MemoryStore store;
        NetworkSender sender;
        values.metrics["Errors"][kF] = minutes({0, 20, 20, 0, 0});
        auto rule = ruleOf("r");
        rule.channels = {ChannelId{"hook"}, ChannelId{"mail"}, ChannelId{"command"}};
        Alarms alarms(values, store, sender, {});
        const auto wrong = alarms.start(
            {rule},
            {channelOf(WebhookChannel{receiver.http("/ok"), "", {}}, "hook"),
             channelOf(MailChannel{receiver.smtp(), "", "", "alarms@example.com", {"a@example.com"}, true}, "mail"),
             channelOf(CommandChannel{{"/bin/sh", "-c", "echo $HANSHU_ALARM_EVENT >> " + out}, 5s}, "command")},
            kStart);
        QVERIFY(wrong && wrong->empty());
        std::size_t delivered = 0;
        for (auto now = kStart + 5s; now < kStart + 6min; now += 10s) {
            (void)alarms.tick(now);
            for (const auto& delivery : alarms.deliver(now)) {
                QVERIFY(delivery.outcome == Delivery::Outcome::Delivered);
                ++delivered;
            }
        }
        QCOMPARE(delivered, std::size_t{6});
        QStringList events;
        for (int i = 0; i < 4; ++i) {
            const auto got = receiver.next();
            const auto body = got["body"].toString();
            const auto json = QJsonDocument::fromJson(body.toUtf8())["alarms"][0]["event"].toString();
            events << (got["kind"].toString() == "http" ? json : body.contains("Firing") ? "mail on" : "mail off");
        }
        QCOMPARE(events, (QStringList{"fired", "mail on", "resolved", "mail off"}));
        QFile file(QString::fromStdString(out));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("fired\nresolved\n"));
    }
};

QTEST_GUILESS_MAIN(TestAlarmsSending)
#include "tst_alarms_sending.moc"
