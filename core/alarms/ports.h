// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What alarms need of the rest of the house, which fills it.
#pragma once

#include "alarms/rule.h"

#include <span>

namespace hanshu::alarms {

// One scan that answers all rules which ask for the same statistic of the same metric over the same periods.
struct MetricQuestion {
    std::string metric;
    Statistic statistic = Statistic::Sum;
    // Series that agree in these are one.
    std::array<bool, kDimensions> groupBy{};
    // A series is wanted when any of these matches it. In a dimension that is not grouped by, all say the same.
    std::vector<SeriesGlobs> wanted;
    std::chrono::seconds period{0};
    SystemTime end;  // of the last period, exclusive; a multiple of the period since 1970
    std::uint32_t periods = 0;
};

struct LogQuestion {
    LogSource source;
    std::chrono::seconds period{0};
    SystemTime end;
    std::uint32_t periods = 0;
};

struct Values {
    // Empty where a dimension was not grouped by. Each once.
    std::vector<SeriesKey> series;
    // `periods` for each series, the oldest first; nothing where there is no data.
    std::vector<std::optional<double>> values;
};

// Any thread, several at once: a preview runs beside the evaluation. May block on the disk.
class ValueSource {
public:
    virtual ~ValueSource() = default;
    // An answer to each question. One that fails is asked again with the next evaluation.
    [[nodiscard]] virtual std::vector<Result<Values>> ask(std::span<const MetricQuestion> questions) = 0;
    // Lines that matched; one series.
    [[nodiscard]] virtual std::vector<Result<Values>> ask(std::span<const LogQuestion> questions) = 0;
};

// Where states outlive the process. One call at a time. Keys are some hundred bytes at most, in [A-Za-z0-9._-] and /.
class StateStore {
public:
    struct Record {
        std::string key;
        std::string bytes;  // empty: the record goes
    };
    virtual ~StateStore() = default;
    [[nodiscard]] virtual Result<std::vector<Record>> load() = 0;
    // All of it or nothing; on disk when it returns.
    [[nodiscard]] virtual Result<void> save(std::span<const Record> changes) = 0;
};

}  // namespace hanshu::alarms
