// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/expression.h"
#include "query/term_compiler.h"

namespace hanshu::query {
namespace {

Result<Expression> compileNode(const Node& node, TermCompiler& terms, bool required) {
    if (node.kind == Node::Kind::Term) {
        return terms.compile(node.term, required);
    }
    std::vector<Expression> children;
    for (const auto& child : node.children) {
        auto compiled = compileNode(*child, terms, required && node.kind == Node::Kind::And);
        if (!compiled) {
            return compiled;
        }
        children.push_back(std::move(*compiled));
    }
    switch (node.kind) {
        case Node::Kind::Not:
            return std::move(children.front()).inverted();
        case Node::Kind::Or:
            return Expression::any(std::move(children));
        case Node::Kind::And:
        case Node::Kind::Term:
            break;
    }
    return Expression::all(std::move(children));
}

}  // namespace

Result<Query> compile(const Ast& ast, const Schema& schema, const Options& options) {
    const auto times = TimeReader::open(options.now, options.zone);
    if (!times) {
        return failAt({0, 0}, reason::kUnknownZone, {{"zone", options.zone}});
    }
    auto state = std::make_shared<Query::State>();
    state->fields = schema.fields();
    state->timeField = schema.timeField();
    if (ast.root) {
        TermCompiler terms(schema, *times);
        auto root = compileNode(*ast.root, terms, true);
        if (!root) {
            return fail(std::move(root.error()));
        }
        state->root = std::move(*root);
    }
    return Query(std::move(state));
}

Result<Query> compile(std::string_view text, const Schema& schema, const Options& options) {
    const auto ast = parse(text);
    if (!ast) {
        return fail(ast.error());
    }
    return compile(*ast, schema, options);
}

}  // namespace hanshu::query
