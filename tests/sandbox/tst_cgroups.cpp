// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where the kernel's own files say that control groups are.

#include "sandbox/cgroup_tree.h"

#include <QTest>

using namespace hanshu::sandbox;

class TestCgroups : public QObject {
    Q_OBJECT
private slots:
    void thoseOfVersionOneAreFound();
    void thoseOfVersionTwoAreFound();
    void thoseOfAContainerAreFoundBelowItsRoot();
};

void TestCgroups::thoseOfVersionOneAreFound() {
    const auto found = parseHierarchies(
        "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
        "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
        "36 31 0:33 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
        "4:memory:/some/group\n2:cpu,cpuacct:/\n1:name=systemd:/\n0::/here\n");
    QCOMPARE(found.size(), 3U);
    QCOMPARE(found[0].directory, std::string("/sys/fs/cgroup/memory/some/group"));
    QCOMPARE(found[1].directory, std::string("/sys/fs/cgroup/cpu,cpuacct"));
    QCOMPARE(found[1].controllers, (std::vector<std::string>{"cpu", "cpuacct"}));
    QVERIFY(found[2].unified);
    QCOMPARE(found[2].directory, std::string("/sys/fs/cgroup/unified/here"));
}

void TestCgroups::thoseOfVersionTwoAreFound() {
    const auto found = parseHierarchies("29 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n",
                                        "0::/system.slice/hanshud.service\n");
    QCOMPARE(found.size(), 1U);
    QVERIFY(found[0].unified);
    QCOMPARE(found[0].directory, std::string("/sys/fs/cgroup/system.slice/hanshud.service"));
}

void TestCgroups::thoseOfAContainerAreFoundBelowItsRoot() {
    const auto found = parseHierarchies("35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
                                        "4:memory:/docker/abc/inner\n");
    QCOMPARE(found.size(), 1U);
    QCOMPARE(found[0].directory, std::string("/sys/fs/cgroup/memory/inner"));
}

QTEST_GUILESS_MAIN(TestCgroups)
#include "tst_cgroups.moc"
