// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/ast.h"
#include "query/characters.h"

#include <fmt/format.h>
#include <algorithm>

namespace hanshu::query {
namespace {

constexpr std::size_t kFieldWindow = 65;  // as the scanner looks for a field's colon

constexpr bool isControl(char c) noexcept {
    return (c >= 0 && c < ' ') || c == '\x7f';
}

std::string printQuoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
            case '"':
            case '\\':
                out += '\\';
                out += c;
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (isControl(c)) {
                    out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
                } else {
                    out += c;
                }
        }
    }
    return out + '"';
}

// Whether the character at `at` means something else than itself in a word.
bool isSpecial(std::string_view text, std::size_t at, bool ofField) {
    const char c = text[at];
    if (c == '"' || c == '\\' || c == '(' || c == ')' || c == '*' || c == '?' || spaceLength(text, at) > 0) {
        return true;
    }
    if (ofField) {
        return c == ',' || (at == 0 && (c == '/' || c == '<' || c == '>' || c == '='));
    }
    if (at == 0) {
        return c == '-' || c == '/' || text == "AND" || text == "OR" || text == "NOT";
    }
    return c == ':' && at < kFieldWindow && isFieldName(text.substr(0, at)) && text.substr(at + 1, 2) != "//";
}

std::string printWord(const Operand& operand, bool ofField) {
    std::string out;
    auto wildcard = operand.wildcards.begin();
    for (std::size_t at = 0; at < operand.text.size(); ++at) {
        if (wildcard != operand.wildcards.end() && *wildcard == at) {
            ++wildcard;
        } else if (isSpecial(operand.text, at, ofField)) {
            out += '\\';
        }
        out += operand.text[at];
    }
    return out;
}

std::string printOperand(const Operand& operand, bool ofField) {
    switch (operand.form) {
        case Operand::Form::Quoted:
            return printQuoted(operand.text);
        case Operand::Form::Regex:
            return '/' + operand.text + (operand.ignoreCase ? "/i" : "/");
        case Operand::Form::Present:
            return "*";
        case Operand::Form::Word:
            break;
    }
    return printWord(operand, ofField);
}

std::string printTerm(const Term& term) {
    std::string out;
    if (term.field) {
        out = *term.field + ':';
        out += toText(term.op);
    }
    for (const auto& value : term.values) {
        out += &value == &term.values.front() ? "" : ",";
        out += printOperand(value, term.field.has_value());
    }
    return out;
}

std::string printNode(const Node& node, bool enclosed);

std::string printJoined(const Node& node, std::string_view separator) {
    std::string out;
    for (const auto& child : node.children) {
        // AND binds closer than OR, so it needs no parentheses within one.
        const bool bare = child->kind == Node::Kind::And && node.kind == Node::Kind::Or;
        out += &child == &node.children.front() ? std::string_view{} : separator;
        out += printNode(*child, !bare);
    }
    return out;
}

// `enclosed`: within parentheses where it has several parts.
std::string printNode(const Node& node, bool enclosed) {
    switch (node.kind) {
        case Node::Kind::Term:
            return printTerm(node.term);
        case Node::Kind::Not:
            return '-' + printNode(*node.children.front(), true);
        case Node::Kind::And:
        case Node::Kind::Or:
            break;
    }
    auto inner = printJoined(node, node.kind == Node::Kind::Or ? " OR " : " ");
    return enclosed ? '(' + inner + ')' : inner;
}

bool sameOperand(const Operand& a, const Operand& b) {
    return a.form == b.form && a.text == b.text && a.wildcards == b.wildcards && a.ignoreCase == b.ignoreCase;
}

bool sameNode(const Node& a, const Node& b) {
    return a.kind == b.kind && a.term.field == b.term.field && a.term.op == b.term.op &&
           std::equal(a.term.values.begin(), a.term.values.end(), b.term.values.begin(), b.term.values.end(),
                      sameOperand) &&
           std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(),
                      [](const NodePtr& left, const NodePtr& right) { return sameNode(*left, *right); });
}

}  // namespace

std::string_view toText(Operator op) noexcept {
    switch (op) {
        case Operator::Is:
            return "";
        case Operator::Equal:
            return "=";
        case Operator::Greater:
            return ">";
        case Operator::GreaterEqual:
            return ">=";
        case Operator::Less:
            return "<";
        case Operator::LessEqual:
            return "<=";
    }
    return "";
}

std::string print(const Ast& ast) {
    return ast.root ? printNode(*ast.root, false) : std::string{};
}

bool sameQuery(const Ast& a, const Ast& b) {
    return a.root == b.root || (a.root && b.root && sameNode(*a.root, *b.root));
}

std::string toWord(std::string_view text) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
               c == '.' || c == '@' || c == '+' || static_cast<unsigned char>(c) >= 0x80U;
    };
    const bool keyword = text == "AND" || text == "OR" || text == "NOT";
    bool bare = !text.empty() && text[0] != '-' && !keyword && text.find("..") == std::string_view::npos;
    for (std::size_t at = 0; bare && at < text.size(); ++at) {
        bare = plain(text[at]) && spaceLength(text, at) == 0;
    }
    return bare ? std::string(text) : printQuoted(text);
}

}  // namespace hanshu::query
