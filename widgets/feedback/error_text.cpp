// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "feedback/error_text.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace hanshu::feedback {

namespace {

constexpr const char* kContext = "ErrorTexts";

// Sentences as they stand in the translations. {name} stands for a parameter of the error, {detail} for its detail.
struct Sentences {
    const char* event;
    const char* remedy;  // may be null
};
struct ReasonText {
    std::string_view reason;
    Sentences text;
};
struct CodeText {
    Code code;
    Sentences text;
};

// What these say is whole: the reason needs no showing.
constexpr auto kReasons = std::to_array<ReasonText>({
    {"FunctionNotFound",
     {QT_TRANSLATE_NOOP("ErrorTexts", "The function is gone."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Somebody may have deleted it meanwhile.")}},
    {"FunctionAlreadyExists",
     {QT_TRANSLATE_NOOP("ErrorTexts", "A function of this name is already there."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Choose another name, or update that one.")}},
    {"FunctionNotEmpty",
     {QT_TRANSLATE_NOOP("ErrorTexts", "The function still has triggers."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Delete them first.")}},
    {"FunctionDisabled",
     {QT_TRANSLATE_NOOP("ErrorTexts", "The function is switched off: calls are refused, and events wait."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Switch it on again: hanshu function enable {function}")}},
    {"DeadLetterNotFound",
     {QT_TRANSLATE_NOOP("ErrorTexts", "The dead letter is gone."),
      QT_TRANSLATE_NOOP("ErrorTexts", "It may have been run again or removed meanwhile; look at the list again.")}},
    {"ConcurrentUpdateError",
     {QT_TRANSLATE_NOOP("ErrorTexts", "Somebody else changed this meanwhile."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Look at the new state, then try again.")}},
    {"PreconditionFailed",
     {QT_TRANSLATE_NOOP("ErrorTexts", "Somebody else changed this meanwhile."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Look at the new state, then try again.")}},
    {"StateInUse",
     {QT_TRANSLATE_NOOP("ErrorTexts", "Another program is using this state directory."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Stop it, or connect to it with --server instead of --local.")}},
    {"PackageUnreadable",
     {QT_TRANSLATE_NOOP("ErrorTexts", "“{path}” can't be read: {detail}"),
      QT_TRANSLATE_NOOP("ErrorTexts", "Check its permissions.")}},
    {"PackageLinkOutside",
     {QT_TRANSLATE_NOOP("ErrorTexts", "“{path}” is a link that leads out of the folder."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Replace it with the file itself, or name it in .fcignore.")}},
    {"PackageSpecialFile",
     {QT_TRANSLATE_NOOP("ErrorTexts", "“{path}” is neither a file nor a folder."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Remove it, or name it in .fcignore.")}},
    {"PackageEmpty",
     {QT_TRANSLATE_NOOP("ErrorTexts", "There is nothing to deploy in “{path}”."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Put the function's code into it first.")}},
    {"PackageNotZip", {QT_TRANSLATE_NOOP("ErrorTexts", "“{path}” is neither a folder nor a zip file."), nullptr}},
    {"PackageTooLarge",
     {QT_TRANSLATE_NOOP("ErrorTexts", "The folder has more than {limit} entries."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Name what the function does not need in .fcignore.")}},
    {"PackageNotWritten",
     {QT_TRANSLATE_NOOP("ErrorTexts", "The package can't be written to “{folder}”: {detail}"),
      QT_TRANSLATE_NOOP("ErrorTexts", "Make room there.")}},
    {"PackageNameNotUtf8",
     {QT_TRANSLATE_NOOP("ErrorTexts", "A file name is not UTF-8: {path}"),
      QT_TRANSLATE_NOOP("ErrorTexts", "Rename it.")}},
    {"SpawnerNotStarted",
     {QT_TRANSLATE_NOOP("ErrorTexts", "The runtime inside the console could not be prepared."), "{detail}"}},
});

// What an unknown reason is introduced by.
constexpr auto kCodes = std::to_array<CodeText>({
    {Code::Cancelled, {QT_TRANSLATE_NOOP("ErrorTexts", "Cancelled."), nullptr}},
    {Code::InvalidArgument, {QT_TRANSLATE_NOOP("ErrorTexts", "The runtime refused a value."), nullptr}},
    {Code::OutOfRange, {QT_TRANSLATE_NOOP("ErrorTexts", "The runtime refused a value."), nullptr}},
    {Code::DeadlineExceeded,
     {QT_TRANSLATE_NOOP("ErrorTexts", "The runtime did not answer in time."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Try again; if that keeps happening, look at its load.")}},
    {Code::NotFound, {QT_TRANSLATE_NOOP("ErrorTexts", "What was asked for does not exist."), nullptr}},
    {Code::AlreadyExists, {QT_TRANSLATE_NOOP("ErrorTexts", "Something of this name is already there."), nullptr}},
    {Code::PermissionDenied,
     {QT_TRANSLATE_NOOP("ErrorTexts", "This is not allowed to the key that the console uses."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Ask the account's owner for a grant.")}},
    {Code::Unauthenticated,
     {QT_TRANSLATE_NOOP("ErrorTexts", "The runtime does not accept the credentials."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Check the file given with --credentials, and this machine's clock.")}},
    {Code::ResourceExhausted,
     {QT_TRANSLATE_NOOP("ErrorTexts", "A limit is reached."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Wait for what runs to end, or raise the limit.")}},
    {Code::Unimplemented,
     {QT_TRANSLATE_NOOP("ErrorTexts", "The runtime does not know this operation."),
      QT_TRANSLATE_NOOP("ErrorTexts", "Its version may be older than the console's.")}},
    {Code::Unavailable, {QT_TRANSLATE_NOOP("ErrorTexts", "The runtime can't be reached."), nullptr}},
});

constexpr Sentences kUnknown{QT_TRANSLATE_NOOP("ErrorTexts", "Something went wrong in the runtime."),
                             QT_TRANSLATE_NOOP("ErrorTexts", "Its log tells more.")};

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString translated(const char* sentence, const Error& error) {
    if (sentence == nullptr) {
        return {};
    }
    auto text = QCoreApplication::translate(kContext, sentence);
    text.replace(QLatin1String("{detail}"), textOf(error.detail));
    for (const auto& [name, value] : error.params) {
        text.replace(QLatin1Char('{') + textOf(name) + QLatin1Char('}'), textOf(value));
    }
    return text;
}

// The reason and the parameters that came with it, for whoever is asked for help.
QString factsOf(const Error& error) {
    QStringList facts;
    if (!error.reason.empty()) {
        facts.append(textOf(error.reason));
    }
    for (const auto& [name, value] : error.params) {
        if (name != "message") {
            facts.append(textOf(name) + QStringLiteral(": ") + textOf(value));
        }
    }
    return facts.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(facts.join(QStringLiteral(", ")));
}

}  // namespace

ErrorText ErrorTexts::of(const Error& error) {
    const auto sameReason = [&](const ReasonText& text) { return text.reason == error.reason; };
    auto known = std::find_if(kReasons.begin(), kReasons.end(), sameReason);
    if (known == kReasons.end() && error.code == Code::Aborted) {
        known = std::find_if(kReasons.begin(), kReasons.end(),
                             [](const ReasonText& text) { return text.reason == "ConcurrentUpdateError"; });
    }
    if (known != kReasons.end()) {
        return {translated(known->text.event, error), translated(known->text.remedy, error)};
    }
    const auto sameCode = [&](const CodeText& text) { return text.code == error.code; };
    const auto* const found = std::find_if(kCodes.begin(), kCodes.end(), sameCode);
    const auto& text = found == kCodes.end() ? kUnknown : found->text;
    auto event = translated(text.event, error);
    if (error.code == Code::Cancelled) {
        return {event, {}};
    }
    if (const auto message = textOf(error.param("message")); !message.isEmpty()) {
        event += QLatin1Char(' ') + message;
    }
    return {event + factsOf(error), translated(text.remedy, error)};
}

}  // namespace hanshu::feedback
