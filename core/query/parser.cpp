// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/encoding.h"
#include "query/ast.h"
#include "query/characters.h"
#include "query/scanner.h"

namespace hanshu::query {
namespace {

// The first character that a query can't hold: half a character, or a control character that nobody types.
std::optional<SourceRange> invalidPlace(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto length = characterLength(text, at);
        const auto c = static_cast<unsigned char>(text[at]);
        const bool control = (c < 0x20U && c != '\t' && c != '\n' && c != '\r') || c == 0x7FU;
        if (control || (c >= 0x80U && !isUtf8(text.substr(at, length)))) {
            return SourceRange{at, length};
        }
        at += length;
    }
    return std::nullopt;
}

class Parser {
public:
    explicit Parser(std::string_view text) noexcept : m_text(text), m_scanner(text) {}

    Result<Ast> parseAll() {
        m_scanner.skipSpace();
        if (m_scanner.atEnd()) {
            return Ast{};
        }
        auto root = parseOr("", {});
        if (!root) {
            return fail(std::move(root.error()));
        }
        if (!m_scanner.atEnd()) {
            return fail(unexpected().error());  // a closing parenthesis too many
        }
        return Ast{std::move(*root)};
    }

private:
    using Parsed = Result<NodePtr>;

    // `after` and `place` name what an operand is missing after, when there is none.
    Parsed parseOr(std::string_view after, SourceRange place) {
        std::vector<NodePtr> children;
        while (true) {
            auto child = parseAnd(after, place);
            if (!child) {
                return child;
            }
            children.push_back(std::move(*child));
            const auto at = m_scanner.position();
            if (!m_scanner.takeKeyword("OR")) {
                return joined(Node::Kind::Or, std::move(children));
            }
            after = "OR";
            place = {at, 2};
        }
    }

    Parsed parseAnd(std::string_view after, SourceRange place) {
        std::vector<NodePtr> children;
        while (true) {
            auto child = parseUnary(after, place);
            if (!child) {
                return child;
            }
            children.push_back(std::move(*child));
            m_scanner.skipSpace();
            const auto at = m_scanner.position();
            if (m_scanner.takeKeyword("AND")) {
                after = "AND";
                place = {at, 3};
            } else if (m_scanner.atEnd() || m_scanner.peek() == ')' || atKeyword("OR")) {
                return joined(Node::Kind::And, std::move(children));
            }
        }
    }

    Parsed parseUnary(std::string_view after, SourceRange place) {
        m_scanner.skipSpace();
        const auto at = m_scanner.position();
        if (m_scanner.atEnd() || m_scanner.peek() == ')' || atKeyword("OR") || atKeyword("AND")) {
            return missingOperand(after, place);
        }
        if (m_scanner.takeKeyword("NOT")) {
            return nested({at, 3}, [&] { return negated(parseUnary("NOT", {at, 3}), at); });
        }
        if (m_scanner.take('-')) {
            const SourceRange sign{at, 1};
            if (m_scanner.atEnd() || m_scanner.peek() == ')' || spaceLength(m_text, m_scanner.position()) > 0) {
                return missingOperand("-", sign);
            }
            return nested(sign, [&] { return negated(parseUnary("-", sign), at); });
        }
        if (m_scanner.take('(')) {
            return nested({at, 1}, [&] { return parseGroup({at, 1}); });
        }
        return parseTerm();
    }

    Parsed parseGroup(SourceRange open) {
        auto inner = parseOr("(", open);
        if (inner && !m_scanner.take(')')) {
            return failAt(open, reason::kUnclosedParenthesis);
        }
        if (!inner) {
            return inner;
        }
        Node node = **inner;
        node.range = {open.offset, m_scanner.position() - open.offset};
        return std::make_shared<const Node>(std::move(node));
    }

    Parsed parseTerm() {
        const auto start = m_scanner.position();
        Term term;
        if (const auto name = m_scanner.takeField()) {
            term.field = std::string(name->of(m_text));
            term.fieldRange = *name;
            term.op = m_scanner.takeOperator();
        }
        do {
            if (++m_values > kTermLimit) {
                return failAtLimit({start, m_scanner.position() - start}, reason::kTooManyTerms, kTermLimit);
            }
            auto value = parseValue(term);
            if (!value) {
                return fail(std::move(value.error()));
            }
            term.values.push_back(std::move(*value));
        } while (term.field && m_scanner.take(','));
        if (!m_scanner.atEnd() && !m_scanner.atBreak()) {
            return unexpected();
        }
        if (m_scanner.peek() == '(') {
            return unexpected();
        }
        Node node{.kind = Node::Kind::Term, .range = {start, m_scanner.position() - start}, .term = std::move(term)};
        return std::make_shared<const Node>(std::move(node));
    }

    Result<Operand> parseValue(const Term& term) {
        const auto at = m_scanner.position();
        if (term.field && (m_scanner.atBreak() || m_scanner.peek() == ',')) {
            return failAt({term.fieldRange.offset, at - term.fieldRange.offset}, reason::kMissingValue,
                          {{"field", *term.field}});
        }
        auto value = m_scanner.takeOperand(term.field.has_value());
        if (value && !term.field && value->form != Operand::Form::Present && value->text.empty()) {
            return failAt(value->range, reason::kEmptyText);
        }
        return value;
    }

    template <class Rule>
    Parsed nested(SourceRange where, const Rule& rule) {
        if (++m_depth > kDepthLimit) {
            return failAtLimit(where, reason::kTooDeep, kDepthLimit);
        }
        auto parsed = rule();
        --m_depth;
        return parsed;
    }

    static Parsed negated(Parsed operand, std::size_t start) {
        if (!operand) {
            return operand;
        }
        Node node{.kind = Node::Kind::Not, .range = {start, (*operand)->range.end() - start}};
        node.children.push_back(std::move(*operand));
        return std::make_shared<const Node>(std::move(node));
    }

    static Parsed joined(Node::Kind kind, std::vector<NodePtr> children) {
        if (children.size() == 1) {
            return std::move(children.front());
        }
        Node node{.kind = kind, .range = spanning(children.front()->range, children.back()->range)};
        node.children = std::move(children);
        return std::make_shared<const Node>(std::move(node));
    }

    bool atKeyword(std::string_view keyword) {
        const auto at = m_scanner.position();
        const bool there = m_scanner.takeKeyword(keyword);
        m_scanner.moveTo(at);
        return there;
    }

    Parsed missingOperand(std::string_view after, SourceRange place) {
        if (after.empty()) {
            return unexpected();
        }
        return failAt(place, reason::kMissingOperand, {{"after", std::string(after)}});
    }

    Parsed unexpected() {
        const auto at = m_scanner.position();
        auto length = characterLength(m_text, at);
        for (const std::string_view keyword : {"AND", "OR"}) {
            length = atKeyword(keyword) ? keyword.size() : length;
        }
        const SourceRange where{at, length};
        return failAt(where, reason::kUnexpected, {{"found", std::string(where.of(m_text))}});
    }

    std::string_view m_text;
    Scanner m_scanner;
    std::size_t m_depth = 0;
    std::size_t m_values = 0;
};

}  // namespace

Result<Ast> parse(std::string_view text) {
    if (text.size() > kTextLimit) {
        auto from = kTextLimit;
        while ((static_cast<unsigned char>(text[from]) & 0xC0U) == 0x80U && from > 0) {
            --from;
        }
        return failAtLimit({from, text.size() - from}, reason::kTooLong, kTextLimit);
    }
    if (const auto where = invalidPlace(text)) {
        return failAt(*where, reason::kInvalidText);
    }
    return Parser(text).parseAll();
}

}  // namespace hanshu::query
