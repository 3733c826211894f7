// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/faulty_vfs.h"

#include <sqlite3.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <new>

namespace hanshu::test {
namespace {

using Status = VolatileDisk::Status;

// The locks and the shared memory of one path, which SQLite's VFS for Unix keeps beside the file.
struct Shared {
    std::mutex mutex;
    // The rollback-mode locks: how many hold SHARED, and who holds more.
    int readers = 0;
    const void* reserved = nullptr;
    const void* pending = nullptr;
    const void* exclusive = nullptr;
    // The wal-index: regions, and per slot how many share it or that one holds it alone (-1).
    std::vector<std::unique_ptr<char[]>> regions;
    std::array<int, SQLITE_SHM_NLOCK> slots{};
    int mappings = 0;
};

int codeOf(Status status, int failed) {
    switch (status) {
        case Status::Ok:
            return SQLITE_OK;
        case Status::NoSpace:
            return SQLITE_FULL;
        case Status::Failed:
        case Status::NotFound:
            return failed;
    }
    return failed;
}

std::string directoryOf(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

}  // namespace

struct FaultyVfs::State {
    State(VolatileDisk& given, std::string named) : disk(given), name(std::move(named)) {}
    std::shared_ptr<Shared> sharedOf(const std::string& path) {
        const std::lock_guard lock(mutex);
        auto& slot = shared[path];
        auto live = slot.lock();
        if (!live) {
            live = std::make_shared<Shared>();
            slot = live;
        }
        return live;
    }

    VolatileDisk& disk;
    std::string name;
    sqlite3_vfs vfs{};
    std::mutex mutex;
    std::map<std::string, std::weak_ptr<Shared>> shared;
};

namespace {

struct OpenFile {
    VolatileDisk* disk = nullptr;
    VolatileDisk::FilePtr file;
    std::shared_ptr<Shared> shared;
    std::string path;
    bool newName = false;  // the directory is to be synced with the first sync
    bool deleteOnClose = false;
    int level = SQLITE_LOCK_NONE;
    bool mapped = false;
    std::array<int, SQLITE_SHM_NLOCK> held{};  // 0 not, 1 shared, -1 alone
};

struct VfsFile {
    sqlite3_file base;  // must stand first
    OpenFile* open;
};

OpenFile& of(sqlite3_file* file) {
    return *reinterpret_cast<VfsFile*>(file)->open;
}

int unlockTo(OpenFile& open, int level) {
    auto& shared = *open.shared;
    const std::lock_guard lock(shared.mutex);
    if (open.level <= level) {
        return SQLITE_OK;
    }
    for (const void** holder : {&shared.reserved, &shared.pending, &shared.exclusive}) {
        if (*holder == &open) {
            *holder = nullptr;
        }
    }
    if (level == SQLITE_LOCK_NONE) {
        --shared.readers;
    }
    open.level = level;
    return SQLITE_OK;
}

int unmap(OpenFile& open) {
    if (!open.mapped) {
        return SQLITE_OK;
    }
    const std::lock_guard lock(open.shared->mutex);
    open.mapped = false;
    if (--open.shared->mappings == 0) {
        open.shared->regions.clear();
        open.shared->slots.fill(0);
    }
    return SQLITE_OK;
}

int xClose(sqlite3_file* file) {
    auto* open = reinterpret_cast<VfsFile*>(file)->open;
    unlockTo(*open, SQLITE_LOCK_NONE);
    unmap(*open);
    if (open->deleteOnClose && !open->path.empty()) {
        (void)open->disk->remove(open->path);
    }
    delete open;
    return SQLITE_OK;
}

int xRead(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
    auto& open = of(file);
    std::size_t got = 0;
    const std::span<char> target(static_cast<char*>(into), static_cast<std::size_t>(size));
    const auto status = open.disk->read(open.file, static_cast<std::uint64_t>(offset), target, got);
    if (status != Status::Ok) {
        return SQLITE_IOERR_READ;
    }
    if (got == target.size()) {
        return SQLITE_OK;
    }
    std::memset(target.data() + got, 0, target.size() - got);
    return SQLITE_IOERR_SHORT_READ;
}

int xWrite(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    auto& open = of(file);
    const std::string_view bytes(static_cast<const char*>(from), static_cast<std::size_t>(size));
    return codeOf(open.disk->write(open.file, static_cast<std::uint64_t>(offset), bytes), SQLITE_IOERR_WRITE);
}

int xTruncate(sqlite3_file* file, sqlite3_int64 size) {
    auto& open = of(file);
    return codeOf(open.disk->truncate(open.file, static_cast<std::uint64_t>(size)), SQLITE_IOERR_TRUNCATE);
}

int xSync(sqlite3_file* file, int) {
    auto& open = of(file);
    if (open.disk->sync(open.file) != Status::Ok) {
        return SQLITE_IOERR_FSYNC;
    }
    if (open.newName) {
        if (open.disk->syncDirectory(directoryOf(open.path)) != Status::Ok) {
            return SQLITE_IOERR_DIR_FSYNC;
        }
        open.newName = false;
    }
    return SQLITE_OK;
}

int xFileSize(sqlite3_file* file, sqlite3_int64* size) {
    auto& open = of(file);
    *size = static_cast<sqlite3_int64>(open.disk->size(open.file));
    return SQLITE_OK;
}

int xLock(sqlite3_file* file, int level) {
    auto& open = of(file);
    auto& shared = *open.shared;
    const std::lock_guard lock(shared.mutex);
    if (open.level >= level) {
        return SQLITE_OK;
    }
    const auto others = [&open](const void* holder) { return holder != nullptr && holder != &open; };
    if (others(shared.exclusive) || others(shared.pending)) {
        return SQLITE_BUSY;
    }
    if (level == SQLITE_LOCK_SHARED) {
        ++shared.readers;
        open.level = level;
        return SQLITE_OK;
    }
    if (others(shared.reserved)) {
        return SQLITE_BUSY;
    }
    if (level == SQLITE_LOCK_RESERVED) {
        shared.reserved = &open;
        open.level = level;
        return SQLITE_OK;
    }
    shared.pending = &open;
    open.level = SQLITE_LOCK_PENDING;
    if (shared.readers > 1) {
        return SQLITE_BUSY;
    }
    shared.exclusive = &open;
    open.level = SQLITE_LOCK_EXCLUSIVE;
    return SQLITE_OK;
}

int xUnlock(sqlite3_file* file, int level) {
    return unlockTo(of(file), level);
}

int xCheckReservedLock(sqlite3_file* file, int* reserved) {
    auto& shared = *of(file).shared;
    const std::lock_guard lock(shared.mutex);
    *reserved = shared.reserved != nullptr || shared.pending != nullptr || shared.exclusive != nullptr ? 1 : 0;
    return SQLITE_OK;
}

int xFileControl(sqlite3_file*, int, void*) {
    return SQLITE_NOTFOUND;
}

int xSectorSize(sqlite3_file*) {
    return 4096;
}

// What SQLite's VFS for Unix claims by default: a write leaves the bytes beside it alone.
int xDeviceCharacteristics(sqlite3_file*) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int xShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** address) {
    auto& open = of(file);
    auto& shared = *open.shared;
    const std::lock_guard lock(shared.mutex);
    if (!open.mapped) {
        open.mapped = true;
        ++shared.mappings;
    }
    const auto wanted = static_cast<std::size_t>(region);
    *address = nullptr;
    if (wanted >= shared.regions.size()) {
        if (extend == 0) {
            return SQLITE_OK;
        }
        while (shared.regions.size() <= wanted) {
            shared.regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
        }
    }
    *address = shared.regions[wanted].get();
    return SQLITE_OK;
}

int xShmLock(sqlite3_file* file, int offset, int count, int flags) {
    auto& open = of(file);
    auto& shared = *open.shared;
    const std::lock_guard lock(shared.mutex);
    const auto first = static_cast<std::size_t>(offset);
    const auto end = first + static_cast<std::size_t>(count);
    const bool alone = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        for (auto slot = first; slot < end; ++slot) {
            if (open.held.at(slot) == 1) {
                --shared.slots.at(slot);
            } else if (open.held.at(slot) == -1) {
                shared.slots.at(slot) = 0;
            }
            open.held.at(slot) = 0;
        }
        return SQLITE_OK;
    }
    for (auto slot = first; slot < end; ++slot) {
        const bool held = open.held.at(slot) != 0;
        if (!held && (alone ? shared.slots.at(slot) != 0 : shared.slots.at(slot) < 0)) {
            return SQLITE_BUSY;
        }
    }
    for (auto slot = first; slot < end; ++slot) {
        if (open.held.at(slot) == 0) {
            shared.slots.at(slot) += alone ? -1 : 1;
            open.held.at(slot) = alone ? -1 : 1;
        }
    }
    return SQLITE_OK;
}

void xShmBarrier(sqlite3_file* file) {
    // As SQLite's own: a fence, and the mutex for what a fence is not enough for.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    const std::lock_guard lock(of(file).shared->mutex);
}

int xShmUnmap(sqlite3_file* file, int) {
    return unmap(of(file));
}

const sqlite3_io_methods kMethods{
    .iVersion = 2,
    .xClose = xClose,
    .xRead = xRead,
    .xWrite = xWrite,
    .xTruncate = xTruncate,
    .xSync = xSync,
    .xFileSize = xFileSize,
    .xLock = xLock,
    .xUnlock = xUnlock,
    .xCheckReservedLock = xCheckReservedLock,
    .xFileControl = xFileControl,
    .xSectorSize = xSectorSize,
    .xDeviceCharacteristics = xDeviceCharacteristics,
    .xShmMap = xShmMap,
    .xShmLock = xShmLock,
    .xShmBarrier = xShmBarrier,
    .xShmUnmap = xShmUnmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

sqlite3_vfs* platform() {
    return sqlite3_vfs_find(nullptr);
}

}  // namespace

FaultyVfs::FaultyVfs(VolatileDisk& disk, std::string name) : m_state(std::make_unique<State>(disk, std::move(name))) {
    auto& vfs = m_state->vfs;
    vfs.iVersion = 2;
    vfs.szOsFile = sizeof(VfsFile);
    vfs.mxPathname = 512;
    vfs.zName = m_state->name.c_str();
    vfs.pAppData = m_state.get();
    vfs.xOpen = [](sqlite3_vfs* self, const char* path, sqlite3_file* file, int flags, int* outFlags) {
        auto& state = *static_cast<State*>(self->pAppData);
        file->pMethods = nullptr;
        auto open = std::make_unique<OpenFile>();
        open->disk = &state.disk;
        open->path = path == nullptr ? "" : path;
        const bool create = (flags & SQLITE_OPEN_CREATE) != 0;
        const bool isNew = path != nullptr && !state.disk.exists(open->path);
        open->file = path == nullptr ? state.disk.openNameless() : state.disk.open(open->path, create);
        if (!open->file) {
            return SQLITE_CANTOPEN;
        }
        constexpr int kJournals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
        open->newName = isNew && (flags & kJournals) != 0;
        open->deleteOnClose = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
        open->shared = path == nullptr ? std::make_shared<Shared>() : state.sharedOf(open->path);
        if (outFlags != nullptr) {
            *outFlags = flags;
        }
        reinterpret_cast<VfsFile*>(file)->open = open.release();
        file->pMethods = &kMethods;
        return SQLITE_OK;
    };
    vfs.xDelete = [](sqlite3_vfs* self, const char* path, int syncDirectory) {
        auto& state = *static_cast<State*>(self->pAppData);
        const auto status = state.disk.remove(path);
        if (status == Status::NotFound) {
            return SQLITE_IOERR_DELETE_NOENT;
        }
        if (status != Status::Ok) {
            return SQLITE_IOERR_DELETE;
        }
        if (syncDirectory != 0 && state.disk.syncDirectory(directoryOf(path)) != Status::Ok) {
            return SQLITE_IOERR_DIR_FSYNC;
        }
        return SQLITE_OK;
    };
    vfs.xAccess = [](sqlite3_vfs* self, const char* path, int, int* there) {
        *there = static_cast<State*>(self->pAppData)->disk.exists(path) ? 1 : 0;
        return SQLITE_OK;
    };
    vfs.xFullPathname = [](sqlite3_vfs*, const char* path, int size, char* out) {
        sqlite3_snprintf(size, out, "%s", path);
        return SQLITE_OK;
    };
    vfs.xRandomness = [](sqlite3_vfs*, int size, char* out) { return platform()->xRandomness(platform(), size, out); };
    vfs.xSleep = [](sqlite3_vfs*, int microseconds) { return platform()->xSleep(platform(), microseconds); };
    vfs.xCurrentTime = [](sqlite3_vfs*, double* now) { return platform()->xCurrentTime(platform(), now); };
    vfs.xCurrentTimeInt64 = [](sqlite3_vfs*, sqlite3_int64* now) {
        return platform()->xCurrentTimeInt64(platform(), now);
    };
    vfs.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
    sqlite3_vfs_register(&vfs, 0);
}

FaultyVfs::~FaultyVfs() {
    sqlite3_vfs_unregister(&m_state->vfs);
}

const std::string& FaultyVfs::name() const noexcept {
    return m_state->name;
}

}  // namespace hanshu::test
