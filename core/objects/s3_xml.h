// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// XML as S3 speaks it: small documents out, small documents in. Values; any thread.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace hanshu::objects {

class XmlWriter {
public:
    // Starts the document with its declaration and root; `xmlns` may be empty.
    explicit XmlWriter(std::string_view root, std::string_view xmlns = "http://s3.amazonaws.com/doc/2006-03-01/");
    XmlWriter& open(std::string_view name, std::string_view attributes = {});
    XmlWriter& close();
    XmlWriter& text(std::string_view name, std::string_view value);
    // Closes what is open and returns the document.
    [[nodiscard]] std::string take();

private:
    std::string m_out;
    std::vector<std::string> m_open;
};

inline constexpr std::string_view kXmlDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

struct XmlElement {
    std::string name;  // without its name space
    std::string text;
    std::vector<XmlElement> children;

    [[nodiscard]] const XmlElement* child(std::string_view wanted) const noexcept;
    [[nodiscard]] std::string_view childText(std::string_view wanted) const noexcept;
};

// InvalidArgument `MalformedXML`: not well-formed, a document type (and so entities), more than 8 deep.
[[nodiscard]] Result<XmlElement> parseXml(std::string_view document);

}  // namespace hanshu::objects
