// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/exposition.h"

#include "base/encoding.h"

#include <fmt/format.h>

namespace hanshu::metrics {
namespace {

constexpr std::size_t kPiece = 64U << 10U;

void appendEscaped(std::string_view text, bool isLabel, std::string& out) {
    const auto isWhole = isUtf8(text);
    for (const char c : text) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '"' && isLabel) {
            out += "\\\"";
        } else {
            out += isWhole || static_cast<unsigned char>(c) < 0x80 ? c : '?';
        }
    }
}

// Of a metric that is not in the table: hanshu_ and the name with each word's capital after an underscore.
std::string exposedName(std::string_view name, Kind kind) {
    std::string text = "hanshu";
    bool wasLower = true;
    for (const char c : name) {
        const auto isUpper = c >= 'A' && c <= 'Z';
        const auto isWord = isUpper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if ((isUpper && wasLower) || text == "hanshu") {
            text += '_';
        }
        text += isUpper ? static_cast<char>(c + 32) : (isWord ? c : '_');
        wasLower = isWord && !isUpper;
    }
    return kind == Kind::Counter ? text + "_total" : text;
}

class Writer {
public:
    Writer(const Registry& registry, const std::function<void(std::string_view)>& out)
        : m_registry(registry), m_out(out) {}

    void write(const Registry::Live& live) {
        begin(metricOf(live.id));
        if (!m_isCurrent) {
            return;
        }
        describe(live.id);
        if (live.counter != nullptr) {
            sample("", "", scaled(static_cast<double>(live.counter->total())));
        } else if (live.gauge != nullptr) {
            if (const auto last = live.gauge->last()) {
                sample("", "", scaled(static_cast<double>(*last)));
            }
        } else {
            histogram(*live.histogram);
        }
        if (m_text.size() > kPiece) {
            flush();
        }
    }
    void flush() {
        if (!m_text.empty()) {
            m_out(m_text);
            m_text.clear();
        }
    }

private:
    void begin(std::uint32_t metric) {
        if (m_metric == metric) {
            return;
        }
        m_metric = metric;
        const auto of = m_registry.book().metricAt(metric);
        m_isCurrent = m_registry.book().metric(of.name) == metric;  // not of a kind that it had in earlier days
        const auto* info = findMetric(of.name);
        m_name = info != nullptr ? std::string(info->exposed) : exposedName(of.name, of.kind);
        m_detail = info != nullptr && !info->detail.empty() ? info->detail : "detail";
        m_scale = infoOf(info != nullptr ? info->unit : Unit::Count).exposed;
        m_header.clear();
        if (info != nullptr) {
            m_header += fmt::format("# HELP {} ", m_name);
            appendEscaped(info->help, false, m_header);
            m_header += '\n';
        }
        constexpr std::array<std::string_view, kKinds> kTypes = {"counter", "gauge", "histogram"};
        m_header += fmt::format("# TYPE {} {}\n", m_name, kTypes[static_cast<std::size_t>(of.kind)]);
    }

    void describe(SeriesId id) {
        const auto dimensions = m_registry.book().dimensionsOf(id).all();
        const std::array<std::string_view, kDimensions> names = {"account", "function", "qualifier", m_detail};
        m_labels.clear();
        for (std::size_t i = 0; i < kDimensions; ++i) {
            if (!dimensions[i].empty()) {
                m_labels += m_labels.empty() ? "" : ",";
                m_labels += names[i];
                m_labels += "=\"";
                appendEscaped(dimensions[i], true, m_labels);
                m_labels += '"';
            }
        }
    }

    [[nodiscard]] double scaled(double stored) const { return stored * m_scale; }

    void sample(std::string_view suffix, std::string_view bound, double value) {
        m_text += m_header;
        m_header.clear();
        auto out = std::back_inserter(m_text);
        fmt::format_to(out, "{}{}", m_name, suffix);
        if (!m_labels.empty() || !bound.empty()) {
            fmt::format_to(out, "{{{}{}", m_labels, m_labels.empty() || bound.empty() ? "" : ",");
            if (!bound.empty()) {
                fmt::format_to(out, "le=\"{}\"", bound);
            }
            m_text += '}';
        }
        // 15 digits: a scaled whole number is not told as 0.30000000000000004.
        fmt::format_to(out, " {:.15g}\n", value);
    }

    void histogram(const HistogramCell& cell) {
        const auto& totals = cell.totals();
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < kBounds; ++i) {
            below += totals.upTo[i];
            sample("_bucket", fmt::format("{:.15g}", scaled(static_cast<double>(cell.bounds()[i]))),
                   static_cast<double>(below));
        }
        sample("_bucket", "+Inf", static_cast<double>(totals.count));
        sample("_sum", "", scaled(static_cast<double>(totals.sum)));
        sample("_count", "", static_cast<double>(totals.count));
    }

    const Registry& m_registry;
    const std::function<void(std::string_view)>& m_out;
    std::string m_text;
    std::optional<std::uint32_t> m_metric;
    bool m_isCurrent = false;
    std::string m_name;
    std::string_view m_detail;
    double m_scale = 1;
    std::string m_header;
    std::string m_labels;
};

}  // namespace

void expose(const Registry& registry, const std::function<void(std::string_view)>& out) {
    Writer writer(registry, out);
    registry.visit([&](const Registry::Live& live) { writer.write(live); });
    writer.flush();
}

}  // namespace hanshu::metrics
