// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a daemon may leave on a host: processes, mounts, cgroups, loop devices. Any thread.
#pragma once

#include "base/digest.h"
#include "daemon.h"

#include <QDir>
#include <QDirIterator>
#include <QRegularExpression>
#include <map>
#include <set>

namespace hanshu::tests {

inline QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

struct ProcessLook {
    pid_t parent = 0;
    bool zombie = false;
    QByteArray started;  // in ticks since boot: a pid that is used again has another
    QByteArray name;
};

inline std::optional<ProcessLook> lookAt(pid_t pid) {
    const auto stat = contentOf(QString("/proc/%1/stat").arg(pid));
    const auto close = stat.lastIndexOf(')');
    if (close < 0) {
        return std::nullopt;
    }
    // Fields are counted from the state, the third of proc(5).
    const auto fields = stat.mid(close + 2).split(' ');
    constexpr int kParent = 1;
    constexpr int kStarted = 19;
    return ProcessLook{fields[kParent].toInt(), fields[0] == "Z", fields[kStarted],
                       stat.mid(stat.indexOf('(') + 1, close - stat.indexOf('(') - 1)};
}

inline std::map<pid_t, ProcessLook> allProcesses() {
    std::map<pid_t, ProcessLook> all;
    for (const auto& entry : QDir("/proc").entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        bool number = false;
        const auto pid = entry.toInt(&number);
        if (const auto look = number ? lookAt(pid) : std::nullopt; look && !look->zombie) {
            all.emplace(pid, *look);
        }
    }
    return all;
}

// `root` and everything that it started, directly or not.
inline std::map<pid_t, ProcessLook> familyOf(pid_t root) {
    const auto all = allProcesses();
    std::map<pid_t, ProcessLook> family;
    const auto join = [&](pid_t pid, const ProcessLook& look) { return family.emplace(pid, look).second; };
    if (const auto found = all.find(root); found != all.end()) {
        join(root, found->second);
    }
    for (bool grew = true; grew;) {
        grew = false;
        for (const auto& [pid, look] : all) {
            grew = (family.contains(look.parent) && join(pid, look)) || grew;
        }
    }
    return family;
}

inline QStringList aliveOf(const std::map<pid_t, ProcessLook>& family) {
    QStringList alive;
    for (const auto& [pid, look] : family) {
        if (const auto now = lookAt(pid); now && !now->zombie && now->started == look.started) {
            alive << QString("process %1 (%2)").arg(pid).arg(QString::fromUtf8(look.name));
        }
    }
    return alive;
}

// The directories that a daemon of this state makes in the hierarchies of the host.
inline QStringList cgroupsOf(const StateFolder& folder) {
    const auto name = "hanshu-" + QString::fromStdString(sha256Hex(folder.state().toStdString())).left(12);
    QStringList found;
    QDirIterator each("/sys/fs/cgroup", QDir::Dirs | QDir::NoDotAndDotDot, QDirIterator::Subdirectories);
    while (each.hasNext()) {
        const auto path = each.next();
        if (QFileInfo(path).fileName() == name) {
            found << "cgroup " + path;
        }
    }
    return found;
}

inline QStringList mountsOf(const StateFolder& folder) {
    QStringList found;
    for (const auto& [pid, look] : allProcesses()) {
        if (contentOf(QString("/proc/%1/mountinfo").arg(pid)).contains(folder.uniqueName().toUtf8())) {
            found << QString("mount in process %1 (%2)").arg(pid).arg(QString::fromUtf8(look.name));
        }
    }
    return found;
}

inline QStringList loopDevicesOf(const StateFolder& folder) {
    QStringList found;
    for (const auto& name : QDir("/sys/block").entryList({"loop*"})) {
        if (contentOf("/sys/block/" + name + "/loop/backing_file").contains(folder.uniqueName().toUtf8())) {
            found << "loop device " + name;
        }
    }
    return found;
}

inline QStringList tracesOf(const StateFolder& folder, const std::map<pid_t, ProcessLook>& family) {
    return aliveOf(family) + mountsOf(folder) + cgroupsOf(folder) + loopDevicesOf(folder);
}

}  // namespace hanshu::tests
