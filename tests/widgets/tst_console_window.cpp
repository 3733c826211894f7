// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "feedback/banner.h"
#include "feedback/state_stack.h"
#include "filter/filter_field.h"
#include "log/log_view.h"
#include "pages/functions/deploy_dialog.h"
#include "pages/functions/deploy_flow.h"
#include "pages/functions/function_detail.h"
#include "pages/functions/functions_page.h"
#include "pages/functions/test_panel.h"
#include "pages/invocations/invocation_detail.h"
#include "pages/invocations/invocations_page.h"
#include "pages/logs/logs_page.h"
#include "rpc/connection.h"
#include "shell/action_registry.h"
#include "shell/command_palette.h"
#include "shell/connection_indicator.h"
#include "shell/language.h"
#include "shell/main_window.h"
#include "shell/shortcuts_dialog.h"
#include "table/table_view.h"
#include "text/format.h"
#include "theme/theme.h"
#include "widgets/fake_runtime.h"

#include <QAbstractItemModelTester>
#include <QAccessible>
#include <QApplication>
#include <QDir>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QSplitter>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <thread>

using namespace hanshu;
using namespace std::chrono_literals;

namespace {

// The whole console on a runtime that does what the test says.
struct Console {
    explicit Console(const std::string& address = {}, const QString& language = QStringLiteral("en"))
        : runtime(address),
          theme(theme::Choice::Light),
          words(language),
          connection({.heartbeat = 50ms, .deadline = 1000ms, .firstRetry = 300ms, .longestRetry = 400ms}),
          window(connection, theme, words) {
        window.show();
        QApplication::setActiveWindow(&window);
        if (address.empty()) {
            connection.open(rpc::localEndpoint(runtime.channel(), QStringLiteral("test")));
        } else {
            connection.open(*rpc::remoteEndpoint(QString::fromStdString(address), {}));
        }
    }

    test::FakeRuntime runtime;
    theme::Theme theme;
    shell::Language words;
    rpc::Connection connection;
    shell::MainWindow window;

    template <class Widget>
    [[nodiscard]] Widget* child(QWidget* of) const {
        return of->findChild<Widget*>();
    }
    [[nodiscard]] table::TableView* functionTable() const { return child<table::TableView>(window.functionsPage()); }
    void drop(const QString& path) {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(path)});
        QDragEnterEvent enter(QPoint(400, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&window, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent event(QPointF(400, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&window, &event);
        QVERIFY(event.isAccepted());
    }
};

api::Invocation run(const std::string& function, const std::string& status, const std::string& id) {
    api::Invocation made;
    made.set_function_name(function);
    made.set_status(status);
    made.set_request_id(id);
    made.set_run_us(1500);
    return made;
}

void writeFile(const QString& path, const QByteArray& content) {
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

}  // namespace

class TestWindow : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        QStandardPaths::setTestModeEnabled(true);
        QCoreApplication::setOrganizationName(QStringLiteral("hanshu-test"));
        QCoreApplication::setApplicationName(QStringLiteral("window"));
    }
    void init() { QSettings().clear(); }

    void functionsAppearChangeAndGo() {
        Console console;
        QAbstractItemModelTester tester(&console.window.functions(),
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        auto* states = console.child<feedback::StateStack>(console.window.functionsPage());
        QTRY_COMPARE(states->state(), feedback::State::Empty);
        console.runtime.putFunction("resize", "Makes thumbnails");
        console.runtime.putFunction("transcode");
        QTRY_COMPARE(console.window.functions().rowCount(), 2);
        QCOMPARE(states->state(), feedback::State::Content);
        console.functionTable()->selectKey(QStringLiteral("transcode"));
        QVERIFY(console.window.functionsPage()->detail()->isVisible());
        console.runtime.removeFunction("resize");
        QTRY_COMPARE(console.window.functions().rowCount(), 1);
        QCOMPARE(console.functionTable()->currentKey().toString(), QStringLiteral("transcode"));
        console.runtime.removeFunction("transcode");
        QTRY_VERIFY(!console.window.functionsPage()->detail()->isVisible());
        QTRY_COMPARE(states->state(), feedback::State::Empty);
    }

    void aRunShowsUpLiveAndOnItsFunction() {
        Console console;
        QAbstractItemModelTester tester(&console.window.invocations(),
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        console.runtime.putFunction("f");
        console.runtime.addRun(run("f", "Succeeded", "1-a"));
        QTRY_COMPARE(console.window.invocations().rowCount(), 1);
        console.runtime.addRun(run("f", "Timeout", "1-b"));
        QTRY_COMPARE(console.window.invocations().rowCount(), 2);
        QTRY_VERIFY(console.window.functions().find("f")->lastRun.has_value());
        QCOMPARE(console.window.functions().find("f")->lastRun->status, std::string("Timeout"));
    }

    void aDroppedFolderIsDeployedAndTested() {
        QTemporaryDir folder;
        const QString source = folder.filePath(QStringLiteral("hello world"));
        writeFile(source + QStringLiteral("/index.py"), "def handler(event, context):\n    return event\n");
        writeFile(source + QStringLiteral("/.fcignore"), "*.tmp\n");
        writeFile(source + QStringLiteral("/x.tmp"), "no");
        Console console;
        QTRY_VERIFY(console.connection.isConnected());
        console.drop(source);
        auto* flow = console.window.functionsPage()->deployFlow();
        QTRY_VERIFY(flow->dialog() != nullptr);
        QCOMPARE(flow->dialog()->choice().name, QStringLiteral("hello-world"));
        QCOMPARE(flow->dialog()->choice().handler, QStringLiteral("index.handler"));
        QTest::keyClick(flow->dialog(), Qt::Key_Return);
        QTRY_VERIFY(console.runtime.hasFunction("hello-world"));
        QCOMPARE(console.runtime.lastDeploy().create().runtime(), std::string("python3.11"));
        const auto zip = console.runtime.lastZip();
        QVERIFY(zip.starts_with("PK"));
        QVERIFY(zip.find("index.py") != std::string::npos);
        QVERIFY(zip.find("x.tmp") == std::string::npos);
        auto* page = console.window.functionsPage();
        QTRY_COMPARE(console.functionTable()->currentKey().toString(), QStringLiteral("hello-world"));
        QTRY_COMPARE(console.child<feedback::Banner>(page)->tone(), theme::Tone::Success);

        auto* test = page->detail()->test();
        test->setPayload(QStringLiteral("{\"n\":42}"));
        QApplication::setActiveWindow(&console.window);
        QPlainTextEdit* payload = nullptr;
        for (auto* edit : test->findChildren<QPlainTextEdit*>()) {
            payload = edit->accessibleName() == QLatin1String("Payload") ? edit : payload;
        }
        QVERIFY(payload != nullptr);
        payload->setFocus();
        QTRY_VERIFY(payload->hasFocus());
        QTest::keyClick(payload, Qt::Key_Return, Qt::ControlModifier);
        QTRY_COMPARE(test->statusText(), QStringLiteral("Succeeded"));
        QVERIFY(test->resultText().contains(QStringLiteral("\"n\": 42")));
        // Keys keep their order and numbers their digits; what is in a string is left alone.
        test->setPayload(QStringLiteral("{\"z\":[1.50,{}],\"a\":\"x,{\\\"}\"}"));
        test->run();
        QTRY_COMPARE(test->resultText(),
                     QStringLiteral("{\n  \"z\": [\n    1.50,\n    {}\n  ],\n  \"a\": \"x,{\\\"}\"\n}"));
        QVERIFY(test->logText().contains(QStringLiteral("hello from the log")));
    }

    void aFolderOfAKnownNameBecomesAnUpdate() {
        QTemporaryDir folder;
        writeFile(folder.filePath(QStringLiteral("known/index.py")), "def handler(event, context): pass\n");
        Console console;
        console.runtime.putFunction("known");
        QTRY_COMPARE(console.window.functions().rowCount(), 1);
        console.drop(folder.filePath(QStringLiteral("known")));
        auto* flow = console.window.functionsPage()->deployFlow();
        QTRY_VERIFY(flow->dialog() != nullptr);
        QVERIFY(flow->dialog()->choice().update);
        flow->dialog()->accept();
        QTRY_VERIFY(!flow->isBusy());
        QCOMPARE(console.runtime.lastDeploy().function_name(), std::string("known"));
        QVERIFY(console.runtime.lastDeploy().has_update());
        QVERIFY(!console.runtime.lastDeploy().if_match().empty());
    }

    void aRefusedDeploymentSaysWhyAndOffersAnotherTry() {
        QTemporaryDir folder;
        writeFile(folder.filePath(QStringLiteral("f/index.py")), "def handler(event, context): pass\n");
        Console console;
        QTRY_VERIFY(console.connection.isConnected());
        console.runtime.setFailure("DeployFunction", {grpc::StatusCode::INVALID_ARGUMENT, ""}, "InvalidArgument");
        console.drop(folder.filePath(QStringLiteral("f")));
        auto* flow = console.window.functionsPage()->deployFlow();
        QTRY_VERIFY(flow->dialog() != nullptr);
        flow->dialog()->accept();
        auto* banner = console.child<feedback::Banner>(console.window.functionsPage());
        QTRY_COMPARE(banner->tone(), theme::Tone::Danger);
        QVERIFY(banner->text().contains(QStringLiteral("told by the fake runtime")));
        console.runtime.setFailure("DeployFunction", grpc::Status::OK);
        QPushButton* again = nullptr;
        for (auto* button : banner->findChildren<QPushButton*>()) {
            again = button->text() == QLatin1String("Try again") ? button : again;
        }
        QVERIFY(again != nullptr);
        QTest::mouseClick(again, Qt::LeftButton);
        QTRY_VERIFY(flow->dialog() != nullptr);
        flow->dialog()->accept();
        QTRY_VERIFY(console.runtime.hasFunction("f"));
    }

    void whatCannotBeDeployedIsNotAccepted() {
        QTemporaryDir folder;
        writeFile(folder.filePath(QStringLiteral("a.txt")), "x");
        QDir().mkpath(folder.filePath(QStringLiteral("empty")));
        Console console;
        QTRY_VERIFY(console.connection.isConnected());
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(folder.filePath(QStringLiteral("a.txt")))});
        QDragEnterEvent enter(QPoint(400, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        enter.ignore();
        QApplication::sendEvent(&console.window, &enter);
        QVERIFY(!enter.isAccepted());
        console.drop(folder.filePath(QStringLiteral("empty")));
        auto* banner = console.child<feedback::Banner>(console.window.functionsPage());
        QTRY_COMPARE(banner->tone(), theme::Tone::Danger);
        QVERIFY(!console.window.functionsPage()->deployFlow()->isBusy());
    }

    void aRunCanBeCancelled() {
        Console console;
        console.runtime.setAnswer([](grpc::ServerContext& context, const api::InvokeRequest&, api::InvokeReply&) {
            while (!context.IsCancelled()) {
                std::this_thread::sleep_for(1ms);
            }
            return grpc::Status::CANCELLED;
        });
        console.runtime.putFunction("slow");
        QTRY_COMPARE(console.window.functions().rowCount(), 1);
        console.window.functionsPage()->select(QStringLiteral("slow"));
        auto* test = console.window.functionsPage()->detail()->test();
        test->run();
        QTRY_COMPARE(test->statusText(), QStringLiteral("Running"));
        Q_EMIT test->cancelWanted();
        QTRY_COMPARE(test->statusText(), QStringLiteral("Cancelled"));
    }

    void deletingAsksAndNamesWhatGoes() {
        Console console;
        console.runtime.putFunction("old");
        QTRY_COMPARE(console.window.functions().rowCount(), 1);
        console.window.functionsPage()->select(QStringLiteral("old"));
        Q_EMIT console.window.functionsPage()->detail()->deleteWanted();
        auto* box = console.window.findChild<QMessageBox*>();
        QVERIFY(box != nullptr);
        QVERIFY(box->text().contains(QStringLiteral("old")));
        for (auto* button : box->buttons()) {
            if (button->text() == QLatin1String("Delete")) {
                button->click();
            }
        }
        QTRY_VERIFY(!console.runtime.hasFunction("old"));
        QTRY_COMPARE(console.window.functions().rowCount(), 0);
    }

    void theLogFollowsPausesAndResumes() {
        Console console;
        QTRY_VERIFY(console.connection.isConnected());
        console.runtime.addLines("f", 200, "old");
        QTest::keyClick(&console.window, Qt::Key_3, Qt::ControlModifier);
        QCOMPARE(console.window.page(), int{shell::MainWindow::Logs});
        auto* view = console.window.logsPage()->view();
        QTRY_COMPARE(view->ring().held(), 200);
        QVERIFY(view->isFollowing());
        view->verticalScrollBar()->setValue(10);
        QVERIFY(!view->isFollowing());
        console.runtime.addLines("f", 25, "new");
        QTRY_COMPARE(view->newLines(), 25);
        QCOMPARE(view->firstVisible(), 10);
        view->follow();
        QVERIFY(view->isFollowing());

        // Nobody watches: nothing is asked for. Coming back resumes where it was.
        QTest::keyClick(&console.window, Qt::Key_1, Qt::ControlModifier);
        console.runtime.addLines("f", 5, "unseen");
        QTest::keyClick(&console.window, Qt::Key_3, Qt::ControlModifier);
        QTRY_COMPARE(view->ring().held(), 230);
        QCOMPARE(console.runtime.tailCursors().back(), 225);
    }

    void theDetailsOfARunAreNeverCutOff() {
        Console console;
        console.runtime.addRun(run("f", "Succeeded", "1-a"));
        QTRY_COMPARE(console.window.invocations().rowCount(), 1);
        console.window.showPage(shell::MainWindow::Invocations);
        console.child<table::TableView>(console.window.invocationsPage())->selectKey(1);
        auto* detail = console.child<pages::InvocationDetail>(console.window.invocationsPage());
        QTRY_VERIFY(detail->isVisible());
        // However the person drags the border: what can't be scrolled sideways has its room.
        auto* splitter = console.child<QSplitter>(console.window.invocationsPage());
        splitter->setSizes({10'000, 1});
        for (auto* button : detail->findChildren<QPushButton*>()) {
            const int right = button->mapTo(detail->viewport(), QPoint(button->width(), 0)).x();
            QVERIFY2(right <= detail->viewport()->width(), qPrintable(button->text()));
        }
        QCOMPARE(text::Format::bytes(1), QStringLiteral("1 byte"));
        QCOMPARE(text::Format::bytes(20), QStringLiteral("20 bytes"));
    }

    void theLinesOfOneRunAreOneClickAway() {
        Console console;
        console.runtime.addLines("f", 3, "mine", {}, "1-a");
        console.runtime.addLines("f", 4, "other", {}, "1-b");
        console.runtime.addRun(run("f", "FunctionError", "1-a"));
        QTRY_COMPARE(console.window.invocations().rowCount(), 1);
        console.window.showPage(shell::MainWindow::Invocations);
        console.child<table::TableView>(console.window.invocationsPage())->selectKey(1);
        auto* detail = console.child<pages::InvocationDetail>(console.window.invocationsPage());
        QTRY_VERIFY(console.child<QPlainTextEdit>(detail)->toPlainText().contains(QStringLiteral("mine 2")));
        Q_EMIT detail->logsWanted();
        QCOMPARE(console.window.page(), int{shell::MainWindow::Logs});
        QTRY_COMPARE(console.window.logsPage()->view()->ring().held(), 3);
    }

    void aLostRuntimeIsToldAndEverythingComesBack() {
        QTemporaryDir folder;
        Console console("unix:" + folder.filePath(QStringLiteral("s")).toStdString());
        console.runtime.putFunction("before");
        QTRY_COMPARE(console.window.functions().rowCount(), 1);
        QTRY_VERIFY(console.window.indicator()->text().startsWith(QLatin1String("Connected")));
        console.runtime.stop();
        QTRY_VERIFY_WITH_TIMEOUT(console.window.connectionBanner()->isVisible(), 5000);
        QVERIFY(console.window.indicator()->text().contains(QLatin1String("offline since")));
        QVERIFY(console.window.functions().isStale());
        QCOMPARE(console.window.functions().rowCount(), 1);  // what was known stays, dimmed
        console.runtime.removeFunction("before");
        console.runtime.putFunction("after");
        console.runtime.start();
        QTRY_VERIFY_WITH_TIMEOUT(console.window.functions().find("after") != nullptr, 10'000);
        QTRY_VERIFY(console.window.functions().find("before") == nullptr);
        QVERIFY(!console.window.connectionBanner()->isVisible());
        QVERIFY(!console.window.functions().isStale());
        console.runtime.addRun(run("after", "Succeeded", "1-z"));
        QTRY_COMPARE_WITH_TIMEOUT(console.window.invocations().rowCount(), 1, 10'000);
    }

    void aRuntimeThatDidNotStartSaysWhy() {
        Console console;
        rpc::Connection failed;
        shell::MainWindow window(failed, console.theme, console.words);
        window.show();
        failed.fail({Code::FailedPrecondition, "StateInUse", {}, {}});
        QVERIFY(window.connectionBanner()->isVisible());
        QVERIFY(window.connectionBanner()->text().contains(QStringLiteral("state directory")));
    }

    void aMissingGrantIsShownInPlaceOfTheList() {
        Console console;
        auto* states = console.child<feedback::StateStack>(console.window.functionsPage());
        QTRY_COMPARE(states->state(), feedback::State::Empty);
        // A second window on a runtime that refuses.
        test::FakeRuntime strict;
        strict.setFailure("WatchFunctions", {grpc::StatusCode::PERMISSION_DENIED, ""}, "AccessDenied");
        rpc::Connection connection;
        shell::MainWindow window(connection, console.theme, console.words);
        window.show();
        connection.open(rpc::localEndpoint(strict.channel(), {}));
        auto* refused = window.functionsPage()->findChild<feedback::StateStack*>();
        QTRY_COMPARE(refused->state(), feedback::State::Failed);
        QVERIFY(refused->title().contains(QStringLiteral("AccessDenied")));
        strict.setFailure("WatchFunctions", grpc::Status::OK);
        QTest::mouseClick(refused->findChild<QPushButton*>(), Qt::LeftButton);
        QTRY_COMPARE(refused->state(), feedback::State::Empty);
    }

    void slashFiltersAndEscapeStepsBack() {
        Console console;
        console.runtime.putFunction("resize");
        console.runtime.putFunction("transcode");
        QTRY_COMPARE(console.window.functions().rowCount(), 2);
        QApplication::setActiveWindow(&console.window);
        console.functionTable()->setFocus();
        QTest::keyClick(console.functionTable(), Qt::Key_Slash);
        auto* field = console.child<filter::FilterField>(console.window.functionsPage());
        QTRY_VERIFY(field->hasFocus());
        QTest::keyClicks(field, QStringLiteral("TRANS"));
        QTRY_COMPARE(console.window.functions().rowCount(), 1);
        auto* states = console.child<feedback::StateStack>(console.window.functionsPage());
        QTest::keyClicks(field, QStringLiteral("x"));
        QTRY_COMPARE(states->state(), feedback::State::NoMatch);
        QTest::keyClick(field, Qt::Key_Escape);
        QTRY_COMPARE(console.window.functions().rowCount(), 2);
        QVERIFY(console.functionTable()->hasFocus());
    }

    void thePaletteFindsCommandsAndFunctions() {
        Console console;
        console.runtime.putFunction("transcode");
        QTRY_COMPARE(console.window.functions().rowCount(), 1);
        console.window.actions().action(QStringLiteral("palette"))->trigger();
        auto* palette = console.window.findChild<shell::CommandPalette*>();
        QVERIFY(palette != nullptr);
        auto* field = palette->findChild<QLineEdit*>();
        QTest::keyClicks(field, QStringLiteral("transc"));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(console.functionTable()->currentKey().toString(), QStringLiteral("transcode"));
    }

    void strangeNamesAreShownAsTheyAre() {
        Console console;
        const std::string emoji = "\U0001F680-launch";
        const std::string arabic = "\u0645\u0639\u0627\u0644\u062c\u0629-\u0635\u0648\u0631";
        const std::string reversed = "a\u202egnp.exe";
        for (const auto& name : {emoji, arabic, reversed, std::string("plain")}) {
            console.runtime.putFunction(name, "<b>no markup</b> & \"quotes\"");
        }
        QTRY_COMPARE(console.window.functions().rowCount(), 4);
        for (const auto& name : {emoji, arabic, reversed}) {
            console.window.functionsPage()->select(QString::fromStdString(name));
            QCOMPARE(console.window.functionsPage()->detail()->function().function_name(), name);
            auto* title = console.window.functionsPage()->detail()->findChild<QLabel*>(QStringLiteral("objectTitle"));
            QCOMPARE(title->text(), QString::fromStdString(name));
            QCOMPARE(title->textFormat(), Qt::PlainText);
        }
        QVERIFY(!console.window.grab().isNull());
    }

    void languageAndThemeChangeInAnOpenWindow() {
        Console console;
        console.runtime.putFunction("f");
        QTRY_COMPARE(console.window.functions().rowCount(), 1);
        QTRY_VERIFY(console.connection.isConnected());
        const auto header = [&] {
            return console.window.functions().headerData(0, Qt::Horizontal, Qt::DisplayRole).toString();
        };
        QCOMPARE(header(), QStringLiteral("Name"));
        const QImage light = console.window.grab().toImage();
        console.window.actions().action(QStringLiteral("language.zh"))->trigger();
        QCoreApplication::processEvents();
        QCOMPARE(header(), QString::fromUtf8("名称"));
        QVERIFY(console.window.indicator()->text().contains(QString::fromUtf8("已连接")));
        QCOMPARE(console.child<filter::FilterField>(console.window.functionsPage())->accessibleName(),
                 QString::fromUtf8("筛选"));
        console.window.actions().action(QStringLiteral("theme.dark"))->trigger();
        QVERIFY(console.window.grab().toImage().pixelColor(700, 500).lightness() < 80);
        QVERIFY(light.pixelColor(700, 500).lightness() > 200);
        console.window.actions().action(QStringLiteral("language.en"))->trigger();
        console.window.actions().action(QStringLiteral("theme.light"))->trigger();
    }

    void theWindowIsWhereItWasLeft() {
        {
            Console console;
            console.window.resize(1011, 703);
            console.window.showPage(shell::MainWindow::Invocations);
            console.window.close();
        }
        Console console;
        QCOMPARE(console.window.size(), QSize(1011, 703));
        QCOMPARE(console.window.page(), int{shell::MainWindow::Invocations});
    }

    void everythingThatTakesTheFocusHasAName() {
        Console console;
        console.runtime.putFunction("f");
        console.runtime.addRun(run("f", "Succeeded", "1-a"));
        console.runtime.addLines("f", 3, "x");
        QTRY_COMPARE(console.window.functions().rowCount(), 1);
        QTRY_COMPARE(console.window.invocations().rowCount(), 1);
        console.window.functionsPage()->select(QStringLiteral("f"));
        for (int page = 0; page < 3; ++page) {
            console.window.showPage(page);
            console.child<table::TableView>(console.window.invocationsPage())->selectKey(1);
            QCoreApplication::processEvents();
            checkNames(&console.window);
        }
        shell::ShortcutsDialog shortcuts(console.window.actions(), &console.window);
        shortcuts.show();
        checkNames(&shortcuts);
        pages::DeployDialog deploy({}, {}, [](const QString&) { return false; }, &console.window);
        deploy.show();
        checkNames(&deploy);
    }

    void everyActionHasItsOwnShortcut() {
        Console console;
        QSet<QString> seen;
        for (const auto& entry : console.window.actions().entries()) {
            const QString keys = entry.action->shortcut().toString();
            QVERIFY2(keys.isEmpty() || !seen.contains(keys), qPrintable(entry.id));
            seen.insert(keys);
            QVERIFY2(!entry.action->text().isEmpty(), qPrintable(entry.id));
        }
        QTest::keyClick(&console.window, Qt::Key_F1);
        QTRY_VERIFY(console.window.findChild<shell::ShortcutsDialog*>() != nullptr);
    }

private:
    static void checkNames(QWidget* window) {
        for (const auto* widget : window->findChildren<QWidget*>()) {
            // What hands its focus on is named where the focus goes.
            if (!widget->isVisible() || !(widget->focusPolicy() & Qt::TabFocus) || widget->focusProxy() != nullptr) {
                continue;
            }
            auto* accessible = QAccessible::queryAccessibleInterface(const_cast<QWidget*>(widget));
            const QString name = accessible != nullptr ? accessible->text(QAccessible::Name) : widget->accessibleName();
            QVERIFY2(!name.isEmpty(),
                     qPrintable(QStringLiteral("%1 (%2) in %3")
                                    .arg(QLatin1String(widget->metaObject()->className()), widget->objectName(),
                                         QLatin1String(widget->parentWidget()->metaObject()->className()))));
        }
    }
};

QTEST_MAIN(TestWindow)
#include "tst_console_window.moc"
