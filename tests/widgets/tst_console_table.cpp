// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "filter/filter_field.h"
#include "pages/functions/function_model.h"
#include "pages/invocations/invocation_model.h"
#include "table/table_model.h"
#include "table/table_view.h"
#include "theme/theme.h"

#include <QAbstractItemModelTester>
#include <QHeaderView>
#include <QRandomGenerator>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTest>

using namespace hanshu;

namespace {

struct Item {
    qint64 id;
    int rank;
    [[nodiscard]] qint64 key() const { return id; }
};

const table::Column kColumns[] = {{"Id", "", 80, "id", true}, {"Rank", "", 80, "rank", true}};

class Items : public table::TableModel<Item> {
public:
    Items() : TableModel("Items", kColumns, nullptr) {}

protected:
    [[nodiscard]] QVariant cell(const Item& item, int column, int role) const override {
        if (role == Qt::DisplayRole || role == table::ValueRole) {
            return column == 0 ? QVariant(item.id) : QVariant(item.rank);
        }
        return {};
    }
    [[nodiscard]] bool same(const Item& a, const Item& b) const override { return a.rank == b.rank; }
};

// Titles and cells of one and the same text.
const table::Column kEights[] = {{"888", "", 120, "a"}, {"888", "", 120, "b", true}, {"888", "", 120, "c", true}};

class Eights : public table::TableModel<Item> {
public:
    Eights() : TableModel("Eights", kEights, nullptr) {}

protected:
    [[nodiscard]] QVariant cell(const Item& item, int, int role) const override {
        return role == Qt::DisplayRole    ? QVariant(QStringLiteral("888"))
               : role == table::ValueRole ? QVariant(item.id)
                                          : QVariant();
    }
};

// What is drawn on the ground of an image whose first pixel is ground; its frame, and what is fainter than text, aside.
QRect inkOf(const QImage& image) {
    QRect ink;
    const int ground = qGray(image.pixel(2, image.height() / 2));
    for (int y = 2; y < image.height() - 2; ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (std::abs(qGray(image.pixel(x, y)) - ground) > 60) {
                ink |= QRect(x, y, 1, 1);
            }
        }
    }
    return ink;
}

QList<qint64> idsOf(const Items& items) {
    QList<qint64> ids;
    for (int row = 0; row < items.rowCount(); ++row) {
        ids.append(items.row(row)->id);
    }
    return ids;
}

}  // namespace

class TestTable : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        QStandardPaths::setTestModeEnabled(true);
        QCoreApplication::setOrganizationName(QStringLiteral("hanshu-test"));
        QCoreApplication::setApplicationName(QStringLiteral("table"));
        QSettings().clear();
    }

    void rowsArriveInOrderAndAsSpans() {
        Items items;
        QAbstractItemModelTester tester(&items, QAbstractItemModelTester::FailureReportingMode::QtTest);
        items.update({{1, 10}, {2, 20}, {8, 80}, {9, 90}});
        QSignalSpy inserted(&items, &QAbstractItemModel::rowsInserted);
        items.update({{5, 0}, {3, 0}, {4, 0}, {10, 0}});
        QCOMPARE(idsOf(items), (QList<qint64>{1, 2, 3, 4, 5, 8, 9, 10}));
        QCOMPARE(inserted.size(), 2);  // 3 to 5 in one go, 10 in another
        QSignalSpy removed(&items, &QAbstractItemModel::rowsRemoved);
        items.update({}, {3, 4, 9, 77});
        QCOMPARE(idsOf(items), (QList<qint64>{1, 2, 5, 8, 10}));
        QCOMPARE(removed.size(), 2);
    }

    void aPutThatChangesNothingTellsNothing() {
        Items items;
        items.update({{1, 1}, {2, 2}, {3, 3}, {4, 4}});
        QSignalSpy changed(&items, &QAbstractItemModel::dataChanged);
        items.update({{1, 1}, {4, 4}});
        QCOMPARE(changed.size(), 0);
        items.update({{2, 7}, {3, 7}});
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed[0][0].value<QModelIndex>().row(), 1);
        QCOMPARE(changed[0][1].value<QModelIndex>().row(), 2);
    }

    void ofSeveralPutsOfAKeyTheLastCounts() {
        Items items;
        items.update({{1, 1}, {1, 2}, {1, 3}});
        QCOMPARE(items.rowCount(), 1);
        QCOMPARE(items.row(0)->rank, 3);
    }

    void selectionFollowsItsRowWhenItMoves() {
        Items items;
        QAbstractItemModelTester tester(&items, QAbstractItemModelTester::FailureReportingMode::QtTest);
        items.sort(1, Qt::AscendingOrder);
        items.update({{1, 10}, {2, 20}, {3, 30}});
        const QPersistentModelIndex second = items.index(1, 0);
        QSignalSpy reset(&items, &QAbstractItemModel::modelReset);
        items.update({{2, 99}});
        QCOMPARE(idsOf(items), (QList<qint64>{1, 3, 2}));
        QCOMPARE(second.row(), 2);
        QCOMPARE(second.data(table::KeyRole).toLongLong(), 2);
        QCOMPARE(reset.size(), 0);
    }

    void theFilterHidesAndShowsInPlace() {
        Items items;
        QAbstractItemModelTester tester(&items, QAbstractItemModelTester::FailureReportingMode::QtTest);
        items.update({{1, 1}, {2, 0}, {3, 1}, {4, 0}});
        QSignalSpy reset(&items, &QAbstractItemModel::modelReset);
        items.setFilter([](const Item& item) { return item.rank == 1; });
        QCOMPARE(idsOf(items), (QList<qint64>{1, 3}));
        QCOMPARE(items.total(), 4);
        items.update({{4, 1}, {3, 0}, {5, 1}, {6, 0}});
        QCOMPARE(idsOf(items), (QList<qint64>{1, 4, 5}));
        QVERIFY(items.find(6) != nullptr);
        QVERIFY(!items.indexOf(qlonglong{6}).isValid());
        items.setFilter({});
        QCOMPARE(idsOf(items), (QList<qint64>{1, 2, 3, 4, 5, 6}));
        QCOMPARE(reset.size(), 0);
    }

    // Any mixture of changes leaves the model as if it had been made at once.
    void randomChangesEndInTheSameState() {
        QRandomGenerator random(42);
        Items items;
        QAbstractItemModelTester tester(&items, QAbstractItemModelTester::FailureReportingMode::QtTest);
        std::map<qint64, int> truth;
        int least = 0;
        items.sort(1, Qt::DescendingOrder);
        for (int round = 0; round < 300; ++round) {
            std::vector<Item> puts;
            std::vector<qint64> gone;
            for (int i = random.bounded(6); i > 0; --i) {
                puts.push_back({random.bounded(40), random.bounded(10)});
            }
            for (int i = random.bounded(4); i > 0; --i) {
                gone.push_back(random.bounded(40));
            }
            for (const auto id : gone) {
                truth.erase(id);
            }
            for (const auto& put : puts) {
                truth[put.id] = put.rank;
            }
            items.update(puts, gone);
            if (round % 10 == 0) {
                least = random.bounded(10);
                items.setFilter([least](const Item& item) { return item.rank >= least; });
            }
            if (round % 17 == 0) {
                items.sort(random.bounded(2), random.bounded(2) == 0 ? Qt::AscendingOrder : Qt::DescendingOrder);
            }
            QCOMPARE(items.total(), static_cast<int>(truth.size()));
            QSet<qint64> expected;
            for (const auto& [id, rank] : truth) {
                if (rank >= least) {
                    expected.insert(id);
                }
            }
            const auto ids = idsOf(items);
            QCOMPARE(QSet<qint64>(ids.begin(), ids.end()), expected);
            QCOMPARE(ids.size(), expected.size());
            for (const auto id : ids) {
                QCOMPARE(items.find(id)->rank, truth[id]);
            }
        }
    }

    void whatIsReadStandsStillWhileRowsArriveAboveIt() {
        theme::Theme theme(theme::Choice::Light);
        Items items;
        table::TableView view(QStringLiteral("still"));
        view.setTable(&items, 0, Qt::DescendingOrder);
        std::vector<Item> first;
        for (int i = 0; i < 200; ++i) {
            first.push_back({i, i});
        }
        items.update(first);
        view.resize(300, 300);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        view.verticalScrollBar()->setValue(50 * view.verticalHeader()->defaultSectionSize());
        const auto seen = view.indexAt(QPoint(5, 5)).data(table::KeyRole);
        items.update({{1000, 1}, {1001, 1}, {1002, 1}});
        QCOMPARE(view.indexAt(QPoint(5, 5)).data(table::KeyRole), seen);
        items.update({}, {1000, 1001, 199});
        QCOMPARE(view.indexAt(QPoint(5, 5)).data(table::KeyRole), seen);
        // At the top, what is new is what one wants to see.
        view.verticalScrollBar()->setValue(0);
        items.update({{2000, 1}});
        QCOMPARE(view.indexAt(QPoint(5, 5)).data(table::KeyRole).toLongLong(), 2000);
    }

    void theCurrentRowSurvivesAFilterThatLeavesAPatchwork() {
        Items items;
        table::TableView view(QStringLiteral("patchwork"));
        view.setTable(&items, 0, Qt::AscendingOrder);
        std::vector<Item> rows;
        for (int i = 0; i < 1000; ++i) {
            rows.push_back({i, i % 2});
        }
        items.update(rows);
        view.selectKey(501);
        QSignalSpy reset(&items, &QAbstractItemModel::modelReset);
        items.setFilter([](const Item& item) { return item.rank == 1; });
        QCOMPARE(reset.size(), 1);
        QCOMPARE(view.currentKey().toLongLong(), 501);
    }

    void columnsAreWhereTheyWereLeft() {
        Items items;
        {
            table::TableView view(QStringLiteral("columns"));
            view.setTable(&items, 0, Qt::AscendingOrder);
            view.setColumnWidth(0, 233);
            view.sortByColumn(1, Qt::DescendingOrder);
            view.saveState();
        }
        table::TableView view(QStringLiteral("columns"));
        view.setTable(&items, 0, Qt::AscendingOrder);
        QCOMPARE(view.columnWidth(0), 233);
        QCOMPARE(view.horizontalHeader()->sortIndicatorSection(), 1);
    }

    void theNameTakesTheWidthThatIsLeft() {
        pages::FunctionModel model;
        table::TableView view(QStringLiteral("growing"));
        view.resize(1'400, 300);
        view.setTable(&model, 0, Qt::AscendingOrder);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        auto* header = view.horizontalHeader();
        const int first = header->sectionSize(pages::FunctionModel::Name);
        const int last = header->sectionSize(header->count() - 1);
        QCOMPARE(header->length(), view.viewport()->width());
        view.resize(1'700, 300);
        QTRY_COMPARE(header->sectionSize(pages::FunctionModel::Name), first + 300);
        QCOMPARE(header->sectionSize(header->count() - 1), last);
        header->resizeSection(1, header->sectionSize(1) + 40);
        QCOMPARE(header->length(), view.viewport()->width());
        view.resize(300, 300);
        QTRY_COMPARE(header->sectionSize(pages::FunctionModel::Name), model.columns()[0].width);
        QVERIFY(view.horizontalScrollBar()->maximum() > 0);
        // A wide window leaves nothing behind that a narrow one would suffer from.
        view.resize(1'700, 300);
        QTRY_COMPARE(header->length(), view.viewport()->width());
        view.saveState();
        table::TableView narrow(QStringLiteral("growing"));
        narrow.resize(300, 300);
        narrow.setTable(&model, 0, Qt::AscendingOrder);
        QCOMPARE(narrow.columnWidth(0), model.columns()[0].width);
        QCOMPARE(narrow.columnWidth(1), view.columnWidth(1));
    }

    void headersStandOverTheirCells_data() {
        QTest::addColumn<int>("sorted");
        QTest::newRow("sorted by the one on the left") << 0;
        QTest::newRow("sorted by the first number") << 1;
        QTest::newRow("sorted by the last number") << 2;
    }

    void headersStandOverTheirCells() {
        QFETCH(int, sorted);
        const theme::Theme look(theme::Choice::Light);
        Eights eights;
        eights.update({{1, 0}, {2, 0}});
        table::TableView view(QStringLiteral("aligned"));
        view.resize(500, 200);
        view.setTable(&eights, sorted, Qt::AscendingOrder);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        const auto* header = view.horizontalHeader();
        for (int column = 0; column < 3; ++column) {
            const QRect title(header->sectionViewportPosition(column), 0, header->sectionSize(column),
                              header->height());
            const auto above = inkOf(header->viewport()->grab(title).toImage());
            const auto below = inkOf(view.viewport()->grab(view.visualRect(eights.index(0, column))).toImage());
            QVERIFY(above.isValid() && below.isValid());
            const bool number = eights.columns()[static_cast<std::size_t>(column)].number;
            const int apart = number ? above.right() - below.right() : above.left() - below.left();
            QVERIFY2(std::abs(apart) <= 2, qPrintable(QStringLiteral("column %1 is %2 px off").arg(column).arg(apart)));
        }
    }

    void theFunctionModelPassesItsTesterAndKeepsLastRuns() {
        pages::FunctionModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        api::Invocation run;
        run.set_function_name("b");
        run.set_status("Timeout");
        run.set_sequence(7);
        run.set_started_time(1000);
        model.noteRuns({run});  // known before the function is
        api::Function a;
        a.set_function_name("a");
        api::Function b;
        b.set_function_name("b");
        model.put({a, b});
        QCOMPARE(model.find("b")->lastRun->status, std::string("Timeout"));
        run.set_status("Succeeded");
        run.set_sequence(6);
        model.noteRuns({run});  // older news
        QCOMPARE(model.find("b")->lastRun->status, std::string("Timeout"));
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        model.put({a, b});
        QCOMPARE(changed.size(), 0);
        run.set_sequence(8);
        model.noteRuns({run});
        QCOMPARE(changed.size(), 1);
        model.put({}, {"b"});
        QCOMPARE(model.rowCount(), 1);
    }

    void theInvocationModelKeepsTheNewest() {
        pages::InvocationModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Warning);
        model.sort(pages::InvocationModel::Time, Qt::DescendingOrder);
        const auto capacity = static_cast<qint64>(pages::InvocationModel::kCapacity);
        std::vector<api::Invocation> runs;
        for (qint64 i = 1; i <= capacity + 50; ++i) {
            api::Invocation run;
            run.set_sequence(i);
            run.set_started_time(static_cast<double>(i));
            run.set_run_us(5);
            runs.push_back(run);
        }
        model.add(runs);
        QCOMPARE(model.rowCount(), static_cast<int>(capacity));
        QCOMPARE(model.row(0)->run.sequence(), capacity + 50);
        QVERIFY(model.find(50) == nullptr);
        QVERIFY(model.find(51) != nullptr);
        model.add({runs[3]});  // an old one of a page that came late
        QVERIFY(model.find(4) == nullptr);
        QCOMPARE(model.rowCount(), static_cast<int>(capacity));
    }

    void aHundredThousandRowsFilterWithoutAPause() {
        pages::FunctionModel model;
        std::vector<api::Function> functions;
        for (int i = 0; i < 100'000; ++i) {
            api::Function function;
            function.set_function_name("function-" + std::to_string(i));
            functions.push_back(std::move(function));
        }
        model.put(functions);
        QCOMPARE(model.rowCount(), 100'000);
        QElapsedTimer timer;
        timer.start();
        model.setFilter([](const pages::FunctionRow& row) { return row.key().find("99") != std::string::npos; });
        qInfo("filtered 100,000 rows in %lld ms", timer.elapsed());
        QCOMPARE(model.rowCount(), 3691);
    }

    void filterWordsMustAllOccur() {
        QCOMPARE(filter::terms(QStringLiteral("  a \"b c\"  d")), (QStringList{"a", "b c", "d"}));
        QCOMPARE(filter::terms(QStringLiteral("\"open end")), (QStringList{"open end"}));
        QVERIFY(filter::matches({}, {u"x"}));
        QVERIFY(filter::matches({QStringLiteral("Img"), QStringLiteral("ok")}, {u"img-resize", u"OK"}));
        QVERIFY(!filter::matches({QStringLiteral("img"), QStringLiteral("no")}, {u"img-resize", u"OK"}));
    }
};

QTEST_MAIN(TestTable)
#include "tst_console_table.moc"
