// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "access/policy.h"

#include "access/compiled_statement.h"
#include "api/arn.h"
#include "base/published.h"

#include <mutex>

namespace hanshu::access {
namespace {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

template <class Value>
using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

struct Rule {
    CompiledStatement statement;
    std::string grantName;
    int statementIndex;
};

using Account = ByText<std::vector<Rule>>;  // by principal
using Accounts = ByText<std::shared_ptr<const Account>>;

// Nothing crosses accounts: what belongs to one is neither its neighbour's to use nor its neighbour's to grant.
bool isOutside(const Caller& caller, std::string_view resource) {
    const auto arn = api::parseArn(resource);
    return arn && !arn->account.empty() && arn->account != "*" && arn->account != caller.account;
}

Decision decideBy(const std::vector<Rule>& rules, const Question& question) {
    const AskedText asked(question.action, question.resource);
    const Rule* allowing = nullptr;
    for (const auto& rule : rules) {
        if ((rule.statement.denies() || allowing == nullptr) && rule.statement.matches(asked, question.context)) {
            if (rule.statement.denies()) {
                return {false, "ExplicitDeny", rule.grantName, rule.statementIndex};
            }
            allowing = &rule;
        }
    }
    if (allowing != nullptr) {
        return {true, "Allowed", allowing->grantName, allowing->statementIndex};
    }
    return {false, "ImplicitDeny", {}, -1};
}

}  // namespace

struct Policy::State {
    std::mutex changing;  // writers alone take it
    Published<Accounts> accounts{std::make_shared<const Accounts>()};
};

Policy::Policy() : m_state(std::make_unique<State>()) {}
Policy::~Policy() = default;

void Policy::setGrants(const std::string& account, const std::vector<api::Grant>& grants) {
    auto compiled = std::make_shared<Account>();
    for (const auto& grant : grants) {
        auto& rules = (*compiled)[grant.principal()];
        for (int i = 0; i < grant.statement_size(); ++i) {
            rules.push_back({CompiledStatement(grant.statement(i)), grant.grant_name(), i});
        }
    }
    const std::lock_guard lock(m_state->changing);
    auto next = std::make_shared<Accounts>(*m_state->accounts.load());
    next->insert_or_assign(account, std::move(compiled));
    m_state->accounts.store(std::move(next));
}

Decision Policy::decide(const Question& question) const {
    Decision denied{false, "ImplicitDeny", {}, -1};
    if (isOutside(question.caller, question.resource)) {
        return denied;
    }
    if (question.caller.kind == Caller::Kind::Owner) {
        return {true, "Owner", {}, -1};
    }
    const auto accounts = m_state->accounts.load();
    const auto account = accounts->find(question.caller.account);
    if (account == accounts->end() || question.caller.principal.empty()) {
        return denied;
    }
    const auto rules = account->second->find(question.caller.principal);
    return rules == account->second->end() ? denied : decideBy(rules->second, question);
}

Result<void> Policy::check(const Question& question) const {
    const auto decision = decide(question);
    if (decision.allowed) {
        return {};
    }
    const auto& caller = question.caller.principal;
    Error error{Code::PermissionDenied,
                "AccessDenied",
                {{"principal", caller.empty() ? "an anonymous caller" : caller},
                 {"action", std::string(question.action)},
                 {"resource", std::string(question.resource)},
                 {"decision", decision.reason}},
                {}};
    if (!decision.grantName.empty()) {
        error.params.emplace_back("grant", decision.grantName);
    }
    return fail(std::move(error));
}

}  // namespace hanshu::access
