// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/composite.h"

namespace hanshu::alarms {
namespace {

[[nodiscard]] bool isNameByte(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

[[nodiscard]] bool isWord(std::string_view text, std::string_view lower) noexcept {
    return std::ranges::equal(text, lower, [](char a, char b) {
        return (static_cast<unsigned char>(a) | 0x20U) == static_cast<unsigned char>(b);
    });
}

[[nodiscard]] Failure failAt(std::size_t offset, std::string_view problem) {
    return fail(
        Code::InvalidArgument, "InvalidAlarmExpression",
        {{"message", fmt::format("{} (at character {})", problem, offset + 1)}, {"offset", std::to_string(offset)}});
}

}  // namespace

bool isName(std::string_view text) noexcept {
    return !text.empty() && text.size() <= kMaxIdBytes && std::ranges::all_of(text, isNameByte) &&
           !isWord(text, "and") && !isWord(text, "or") && !isWord(text, "not");
}

class CompositeParser {
public:
    explicit CompositeParser(std::string_view text) : m_text(text) { next(); }

    [[nodiscard]] Result<Composite> parse() {
        HANSHU_TRY(any(0));
        if (!m_token.empty()) {
            return failAt(m_at, fmt::format("expected AND or OR, found {}", m_token));
        }
        return std::move(m_result);
    }

private:
    void next() {
        m_at += m_token.size();
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\n' || m_text[m_at] == '\t')) {
            ++m_at;
        }
        auto end = m_at;
        while (end < m_text.size() && isNameByte(m_text[end])) {
            ++end;
        }
        m_token = m_text.substr(m_at, std::max<std::size_t>(end - m_at, m_at < m_text.size() ? 1 : 0));
    }

    [[nodiscard]] Result<void> any(std::size_t depth) {
        HANSHU_TRY(all(depth));
        while (isWord(m_token, "or")) {
            next();
            HANSHU_TRY(all(depth));
            m_result.m_steps.push_back({Composite::Kind::Or});
        }
        return {};
    }

    [[nodiscard]] Result<void> all(std::size_t depth) {
        HANSHU_TRY(one(depth));
        while (isWord(m_token, "and")) {
            next();
            HANSHU_TRY(one(depth));
            m_result.m_steps.push_back({Composite::Kind::And});
        }
        return {};
    }

    [[nodiscard]] Result<void> one(std::size_t depth) {
        if (depth == Composite::kMaxDepth) {
            return failAt(m_at, fmt::format("must not be nested deeper than {}", Composite::kMaxDepth));
        }
        if (isWord(m_token, "not")) {
            next();
            HANSHU_TRY(one(depth + 1));
            m_result.m_steps.push_back({Composite::Kind::Not});
            return {};
        }
        if (m_token == "(") {
            next();
            HANSHU_TRY(any(depth + 1));
            if (m_token != ")") {
                return failAt(m_at, "a closing parenthesis is missing");
            }
            next();
            return {};
        }
        return rule();
    }

    [[nodiscard]] Result<void> rule() {
        if (!isName(m_token)) {
            return failAt(m_at, m_token.empty() ? "the id of a rule is missing"
                                                : fmt::format("expected the id of a rule, found {}", m_token));
        }
        const RuleId id{std::string(m_token)};
        const auto known = std::ranges::find(m_result.m_rules, id);
        const auto index = static_cast<std::uint32_t>(known - m_result.m_rules.begin());
        if (known == m_result.m_rules.end()) {
            if (m_result.m_rules.size() == Composite::kMaxRules) {
                return failAt(m_at, fmt::format("must not name more than {} rules", Composite::kMaxRules));
            }
            m_result.m_rules.push_back(id);
        }
        m_result.m_steps.push_back({Composite::Kind::Rule, index});
        next();
        return {};
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::string_view m_token;
    Composite m_result;
};

Result<Composite> Composite::parse(std::string_view expression) {
    return CompositeParser(expression).parse();
}

bool Composite::evaluate(const std::function<bool(const RuleId&)>& isFiring) const {
    std::vector<bool> stack;
    for (const auto& step : m_steps) {
        if (step.kind == Kind::Rule) {
            stack.push_back(isFiring(m_rules[step.rule]));
            continue;
        }
        const bool last = stack.back();
        if (step.kind == Kind::Not) {
            stack.back() = !last;
            continue;
        }
        stack.pop_back();
        stack.back() = step.kind == Kind::And ? stack.back() && last : stack.back() || last;
    }
    return stack.back();
}

Result<std::vector<RuleId>> orderOf(const std::map<RuleId, Composite>& composites,
                                    const std::function<bool(const RuleId&)>& exists) {
    std::vector<RuleId> order;
    std::map<RuleId, bool> isDone;  // false: its operands are being visited
    struct Visit {
        const RuleId* id;
        std::size_t next = 0;
    };
    for (const auto& [root, rootComposite] : composites) {
        if (isDone.contains(root)) {
            continue;
        }
        std::vector<Visit> path{{&root}};
        isDone[root] = false;
        while (!path.empty()) {
            auto& [id, next] = path.back();
            const auto& operands = composites.at(*id).rules();
            if (next == operands.size()) {
                isDone[*id] = true;
                order.push_back(*id);
                path.pop_back();
                continue;
            }
            const auto& operand = operands[next++];
            const auto composite = composites.find(operand);
            if (composite == composites.end()) {
                if (!exists(operand)) {
                    return fail(
                        Code::InvalidArgument, "InvalidAlarmRule",
                        {{"message", fmt::format("source.expression of {} names the rule {}, which there is not",
                                                 id->value, operand.value)}});
                }
                continue;
            }
            const auto [state, isNew] = isDone.try_emplace(operand, false);
            if (isNew) {
                path.push_back({&composite->first});
            } else if (!state->second) {
                return fail(Code::InvalidArgument, "InvalidAlarmRule",
                            {{"message", fmt::format("source.expression of {} must not depend on itself (by way of {})",
                                                     operand.value, id->value)}});
            }
        }
    }
    return order;
}

}  // namespace hanshu::alarms
