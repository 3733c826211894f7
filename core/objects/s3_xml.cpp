// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/s3_xml.h"

#include <expat.h>

namespace hanshu::objects {
namespace {

constexpr std::size_t kMaxDepth = 8;              // the deepest document of S3 has five
constexpr std::size_t kMaxElements = 100'000;     // 10,000 parts with all their checksums have less
constexpr XML_Char kNamespaceSeparator = '\x1f';  // in no name

void appendEscaped(std::string& out, std::string_view text) {
    for (const auto c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                // As S3 does, though XML 1.0 knows no other control characters than white space.
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += fmt::format("&#x{:X};", static_cast<unsigned>(c));
                } else {
                    out += c;
                }
        }
    }
}

struct Building {
    XML_Parser parser;
    XmlElement root;
    std::vector<XmlElement> open;
    std::size_t elements = 0;
    bool refused = false;

    void refuse() {
        refused = true;
        XML_StopParser(parser, XML_FALSE);
    }
};

void XMLCALL onStart(void* data, const XML_Char* name, const XML_Char**) {
    auto& building = *static_cast<Building*>(data);
    if (building.open.size() >= kMaxDepth || ++building.elements > kMaxElements) {
        building.refuse();
        return;
    }
    const std::string_view full = name;
    building.open.push_back({std::string(full.substr(full.rfind(kNamespaceSeparator) + 1)), {}, {}});
}

void XMLCALL onEnd(void* data, const XML_Char*) {
    auto& building = *static_cast<Building*>(data);
    if (building.open.empty()) {
        return;
    }
    auto element = std::move(building.open.back());
    building.open.pop_back();
    if (building.open.empty()) {
        building.root = std::move(element);
    } else {
        building.open.back().children.push_back(std::move(element));
    }
}

void XMLCALL onText(void* data, const XML_Char* text, int length) {
    auto& building = *static_cast<Building*>(data);
    if (!building.open.empty()) {
        building.open.back().text.append(text, static_cast<std::size_t>(length));
    }
}

void XMLCALL onDocumentType(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    static_cast<Building*>(data)->refuse();
}

}  // namespace

XmlWriter::XmlWriter(std::string_view root, std::string_view xmlns) : m_out(kXmlDeclaration) {
    open(root, xmlns.empty() ? std::string{} : fmt::format("xmlns=\"{}\"", xmlns));
}

XmlWriter& XmlWriter::open(std::string_view name, std::string_view attributes) {
    m_out += fmt::format("<{}{}{}>", name, attributes.empty() ? "" : " ", attributes);
    m_open.emplace_back(name);
    return *this;
}

XmlWriter& XmlWriter::close() {
    m_out += fmt::format("</{}>", m_open.back());
    m_open.pop_back();
    return *this;
}

XmlWriter& XmlWriter::text(std::string_view name, std::string_view value) {
    m_out += fmt::format("<{}>", name);
    appendEscaped(m_out, value);
    m_out += fmt::format("</{}>", name);
    return *this;
}

std::string XmlWriter::take() {
    while (!m_open.empty()) {
        close();
    }
    return std::move(m_out);
}

const XmlElement* XmlElement::child(std::string_view wanted) const noexcept {
    for (const auto& element : children) {
        if (element.name == wanted) {
            return &element;
        }
    }
    return nullptr;
}

std::string_view XmlElement::childText(std::string_view wanted) const noexcept {
    const auto* element = child(wanted);
    return element == nullptr ? std::string_view{} : std::string_view(element->text);
}

Result<XmlElement> parseXml(std::string_view document) {
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, void (*)(XML_Parser)> parser(
        XML_ParserCreateNS("UTF-8", kNamespaceSeparator), XML_ParserFree);
    if (!parser) {
        return internalError("no memory for an XML parser");
    }
    Building building{parser.get(), {}, {}};
    XML_SetUserData(parser.get(), &building);
    XML_SetElementHandler(parser.get(), onStart, onEnd);
    XML_SetCharacterDataHandler(parser.get(), onText);
    XML_SetStartDoctypeDeclHandler(parser.get(), onDocumentType);
    const auto status = XML_Parse(parser.get(), document.data(), static_cast<int>(document.size()), XML_TRUE);
    if (status != XML_STATUS_OK || building.refused) {
        return fail(Code::InvalidArgument, "MalformedXML");
    }
    return std::move(building.root);
}

}  // namespace hanshu::objects
