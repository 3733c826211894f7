// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/edit.h"

#include "query/characters.h"

#include <algorithm>

namespace hanshu::query {
namespace {

bool asksFor(const Node& node, std::string_view field, std::string_view value) {
    if (node.kind != Node::Kind::Term || !node.term.field || node.term.values.size() != 1) {
        return false;
    }
    const auto& operand = node.term.values.front();
    const bool plain =
        operand.form == Operand::Form::Quoted || (operand.form == Operand::Form::Word && operand.wildcards.empty());
    return plain && node.term.op == Operator::Is && operand.text == value && equalIgnoringCase(*node.term.field, field);
}

// The chips' texts side by side, with `changed` in place of the one at `index`; without it where `changed` is empty.
std::string rewritten(std::string_view text, const std::vector<Chip>& all, std::size_t index,
                      std::string_view changed) {
    std::string out;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto part = i == index ? changed : all[i].range.of(text);
        out += out.empty() || part.empty() ? "" : " ";
        out += part;
    }
    return out;
}

struct Found {
    std::vector<Chip> all;
    std::size_t index = 0;
};

Result<Found> find(std::string_view text, SourceRange range) {
    const auto ast = parse(text);
    if (!ast) {
        return fail(ast.error());
    }
    Found found{.all = chips(*ast)};
    const auto at = std::find_if(found.all.begin(), found.all.end(), [&](const Chip& c) { return c.range == range; });
    if (at == found.all.end()) {
        return failAt(range, reason::kNoSuchTerm);
    }
    found.index = static_cast<std::size_t>(at - found.all.begin());
    return found;
}

// Whether it is an OR without parentheses around it: a space or a sign binds closer.
bool isBareOr(const Node& node) {
    return node.kind == Node::Kind::Or && node.range.offset == node.children.front()->range.offset;
}

std::string turned(std::string_view text, const Chip& chip) {
    auto part = std::string(chip.part->range.of(text));
    if (chip.negated) {
        return part;
    }
    return isBareOr(*chip.part) ? "-(" + part + ')' : '-' + part;
}

}  // namespace

std::vector<Chip> chips(const Ast& ast) {
    std::vector<Chip> found;
    const auto add = [&](const NodePtr& node) {
        const bool negated = node->kind == Node::Kind::Not;
        found.push_back({node->range, negated, negated ? node->children.front() : node});
    };
    if (ast.root && ast.root->kind == Node::Kind::And) {
        std::for_each(ast.root->children.begin(), ast.root->children.end(), add);
    } else if (ast.root) {
        add(ast.root);
    }
    return found;
}

Result<std::string> withTerm(std::string_view text, std::string_view field, std::string_view value, bool negated) {
    const auto ast = parse(text);
    if (!ast) {
        return fail(ast.error());
    }
    auto term = (negated ? "-" : "") + std::string(field) + ':' + toWord(value);
    const auto all = chips(*ast);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (asksFor(*all[i].part, field, value)) {
            return all[i].negated == negated ? std::string(text) : rewritten(text, all, i, term);
        }
    }
    if (all.empty()) {
        return term;
    }
    const auto whole = ast->root->range.of(text);
    return (isBareOr(*ast->root) ? '(' + std::string(whole) + ')' : std::string(whole)) + ' ' + term;
}

Result<std::string> withoutChip(std::string_view text, SourceRange range) {
    const auto found = find(text, range);
    if (!found) {
        return fail(found.error());
    }
    return rewritten(text, found->all, found->index, "");
}

Result<std::string> withChipTurned(std::string_view text, SourceRange range) {
    const auto found = find(text, range);
    if (!found) {
        return fail(found.error());
    }
    return rewritten(text, found->all, found->index, turned(text, found->all[found->index]));
}

}  // namespace hanshu::query
