// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/literals.h"

#include "query/characters.h"

#include <algorithm>
#include <optional>

namespace hanshu::query {
namespace {

constexpr std::size_t kNestingLimit = 32;  // deeper groups ask for nothing; bounds the stack

// Walks over an expression that RE2 has accepted.
class RegexReader {
public:
    RegexReader(std::string_view pattern, bool ignoreCase) : m_text(pattern), m_ignoreCase(ignoreCase) {
        if (m_text.substr(0, 4) == "(?i)") {
            m_ignoreCase = true;
            m_at = 4;
        }
    }

    Literals read() {
        auto literals = alternatives(0);
        return m_inDoubt || m_at != m_text.size() ? Literals{} : literals;
    }

private:
    // The run of characters that must stand side by side, and what has been found beside it.
    struct Sequence {
        std::string run;
        std::vector<Literals> parts;
        void endRun() {
            if (!run.empty()) {
                parts.push_back(Literals::contains(run));
                run.clear();
            }
        }
    };

    Literals alternatives(std::size_t depth) {
        std::vector<Literals> choices;
        do {
            choices.push_back(sequence(depth));
        } while (!m_inDoubt && take('|'));
        return Literals::any(std::move(choices));
    }

    Literals sequence(std::size_t depth) {
        Sequence found;
        while (!m_inDoubt && m_at < m_text.size() && m_text[m_at] != '|' && m_text[m_at] != ')') {
            if (take('(')) {
                found.endRun();
                auto inner = group(depth);
                if (!optional()) {
                    found.parts.push_back(std::move(inner));
                }
                continue;
            }
            const auto character = atom();
            const auto before = m_at;
            const bool mayMiss = optional();
            if (!character || mayMiss) {
                found.endRun();
                continue;
            }
            found.run += *character;
            if (m_at != before) {
                found.endRun();  // repeated: what follows may stand after the last of several
            }
        }
        found.endRun();
        return Literals::all(std::move(found.parts));
    }

    Literals group(std::size_t depth) {
        if (m_text.substr(m_at, 2) == "?:") {
            m_at += 2;
        } else if (m_at < m_text.size() && m_text[m_at] == '?') {
            m_inDoubt = true;  // flags change what follows
        }
        if (depth >= kNestingLimit) {
            m_inDoubt = true;
        }
        if (m_inDoubt) {
            return {};
        }
        auto inner = alternatives(depth + 1);
        m_inDoubt = m_inDoubt || !take(')');
        return inner;
    }

    // One character, or nothing where the expression allows several or asks for a place.
    std::optional<std::string> atom() {
        switch (m_text[m_at]) {
            case '[':
                skipClass();
                return std::nullopt;
            case '\\':
                return escaped();
            case '.':
            case '^':
            case '$':
            case '*':
            case '+':
            case '?':
                ++m_at;
                return std::nullopt;
            default:
                return literal();
        }
    }

    std::optional<std::string> literal() {
        const auto length = characterLength(m_text, m_at);
        const auto character = m_text.substr(m_at, length);
        m_at += length;
        const char lower = lowerAscii(character.front());
        // Beyond ASCII a letter may fold to others; k and s fold to the Kelvin sign and the long s.
        if (m_ignoreCase && (length > 1 || lower == 'k' || lower == 's')) {
            return std::nullopt;
        }
        return lowerAscii(character);
    }

    std::optional<std::string> escaped() {
        const char c = m_at + 1 < m_text.size() ? m_text[m_at + 1] : '\0';
        m_at += 2;
        if (std::string_view("dDwWsSbBAzCnrtfva").find(c) != std::string_view::npos) {
            return std::nullopt;
        }
        const bool punctuation =
            c > ' ' && c < '\x7f' && lowerAscii(c) == c && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9');
        if (!punctuation) {
            m_inDoubt = true;
            return std::nullopt;
        }
        return std::string(1, c);
    }

    void skipClass() {
        ++m_at;
        take('^');
        take(']');
        while (m_at < m_text.size() && m_text[m_at] != ']') {
            if (m_text.substr(m_at, 2) == "[:") {
                const auto end = m_text.find(":]", m_at + 2);
                if (end != std::string_view::npos) {
                    m_at = end + 2;
                    continue;
                }
            }
            m_inDoubt = m_inDoubt || m_text.substr(m_at, 2) == "\\Q";
            m_at += m_text[m_at] == '\\' ? 2 : 1;
        }
        m_inDoubt = m_inDoubt || !take(']');
    }

    // Takes the quantifiers here; whether they allow none at all.
    bool optional() {
        bool none = false;
        while (m_at < m_text.size()) {
            if (take('*') || take('?')) {
                none = true;
            } else if (take('+')) {
            } else if (m_text[m_at] == '{') {
                const auto end = m_text.find('}', m_at);
                const auto inner = m_text.substr(m_at + 1, end == std::string_view::npos ? 0 : end - m_at - 1);
                if (inner.empty() || inner.front() == ',' ||
                    inner.find_first_not_of("0123456789,") != std::string_view::npos) {
                    break;  // a brace that stands for itself
                }
                const auto least = inner.substr(0, inner.find(','));
                none = none || least.find_first_not_of('0') == std::string_view::npos;
                m_at = end + 1;
            } else {
                break;
            }
        }
        return none;
    }

    bool take(char c) {
        if (m_at >= m_text.size() || m_text[m_at] != c) {
            return false;
        }
        ++m_at;
        return true;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    bool m_ignoreCase;
    bool m_inDoubt = false;
};

Literals joined(Literals::Kind kind, std::vector<Literals> parts) {
    if (parts.empty()) {
        return {};
    }
    if (parts.size() == 1) {
        return std::move(parts.front());
    }
    Literals out{.kind = kind};
    for (auto& part : parts) {
        if (part.kind == kind) {
            std::move(part.parts.begin(), part.parts.end(), std::back_inserter(out.parts));
        } else {
            out.parts.push_back(std::move(part));
        }
    }
    return out;
}

std::string trigramCondition(const Literals& literals) {
    const bool any = literals.kind == Literals::Kind::Any;
    std::vector<std::string> conditions;
    if (literals.kind == Literals::Kind::Contains) {
        for (const auto& trigram : trigrams(literals.text)) {
            std::string quoted = "\"";
            for (const char c : trigram) {
                quoted += c == '"' ? "\"\"" : std::string(1, c);
            }
            conditions.push_back(quoted + '"');
        }
    }
    for (const auto& part : literals.parts) {
        auto condition = trigramCondition(part);
        if (!condition.empty()) {
            conditions.push_back(std::move(condition));
        } else if (any) {
            return {};
        }
    }
    std::string out;
    for (const auto& condition : conditions) {
        out += out.empty() ? "" : any ? " OR " : " AND ";
        out += condition;
    }
    return conditions.size() > 1 ? '(' + out + ')' : out;
}

}  // namespace

Literals Literals::contains(std::string_view text) {
    return text.empty() ? Literals{} : Literals{.kind = Kind::Contains, .text = lowerAscii(text)};
}

Literals Literals::all(std::vector<Literals> parts) {
    parts.erase(std::remove_if(parts.begin(), parts.end(), [](const Literals& p) { return p.kind == Kind::Anything; }),
                parts.end());
    return joined(Kind::All, std::move(parts));
}

Literals Literals::any(std::vector<Literals> parts) {
    if (std::any_of(parts.begin(), parts.end(), [](const Literals& p) { return p.kind == Kind::Anything; })) {
        return {};
    }
    return joined(Kind::Any, std::move(parts));
}

bool Literals::allows(std::string_view lowerText) const {
    const auto allowed = [&](const Literals& part) { return part.allows(lowerText); };
    switch (kind) {
        case Kind::Anything:
            return true;
        case Kind::Contains:
            return lowerText.find(text) != std::string_view::npos;
        case Kind::All:
            return std::all_of(parts.begin(), parts.end(), allowed);
        case Kind::Any:
            return std::any_of(parts.begin(), parts.end(), allowed);
    }
    return true;
}

Literals requiredByRegex(std::string_view pattern, bool ignoreCase) {
    return RegexReader(pattern, ignoreCase).read();
}

std::vector<std::string> trigrams(std::string_view text) {
    std::vector<std::size_t> starts;
    for (std::size_t at = 0; at < text.size(); at += characterLength(text, at)) {
        starts.push_back(at);
    }
    starts.push_back(text.size());
    std::vector<std::string> found;
    for (std::size_t i = 0; i + 3 < starts.size(); ++i) {
        found.emplace_back(text.substr(starts[i], starts[i + 3] - starts[i]));
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

std::string trigramMatch(const Literals& literals) {
    return trigramCondition(literals);
}

}  // namespace hanshu::query
