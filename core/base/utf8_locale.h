// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Text of C libraries is UTF-8 in the thread that holds one, whatever the environment says: libarchive gives the names
// in a zip in the charset of the locale, and none at all where that has no such letter. Any thread; not across a
// co_await.
#pragma once

#include <clocale>

namespace hanshu {

class Utf8Locale {
public:
    Utf8Locale() : m_locale(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
        if (m_locale != nullptr) {
            m_before = ::uselocale(m_locale);
        }
    }
    ~Utf8Locale() {
        if (m_locale != nullptr) {
            ::uselocale(m_before);
            ::freelocale(m_locale);
        }
    }
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;

private:
    locale_t m_locale;
    locale_t m_before = nullptr;
};

}  // namespace hanshu
