// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "feedback/error_text.h"

namespace hanshu::feedback {

namespace {

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

}  // namespace

ErrorText ErrorTexts::of(const Error& error) {
    const auto is = [&](const char* reason) { return error.reason == reason; };
    const QString message = textOf(error.param("message"));
    if (is("FunctionNotFound")) {
        return {tr("The function is gone."), tr("Somebody may have deleted it meanwhile.")};
    }
    if (is("FunctionAlreadyExists")) {
        return {tr("A function of this name is already there."), tr("Choose another name, or update that one.")};
    }
    if (is("FunctionNotEmpty")) {
        return {tr("The function still has triggers."), tr("Delete them first.")};
    }
    if (is("ConcurrentUpdateError") || is("PreconditionFailed") || error.code == Code::Aborted) {
        return {tr("Somebody else changed this meanwhile."), tr("Look at the new state, then try again.")};
    }
    if (is("StateInUse")) {
        return {tr("Another program is using this state directory."),
                tr("Stop it, or connect to it with --server instead of --local.")};
    }
    // Reasons that only the console itself gives.
    if (is("PackageUnreadable")) {
        return {tr("“%1” can't be read: %2").arg(textOf(error.param("path")), textOf(error.detail)),
                tr("Check its permissions.")};
    }
    if (is("PackageLinkOutside")) {
        return {tr("“%1” is a link that leads out of the folder.").arg(textOf(error.param("path"))),
                tr("Replace it with the file itself, or name it in .fcignore.")};
    }
    if (is("PackageSpecialFile")) {
        return {tr("“%1” is neither a file nor a folder.").arg(textOf(error.param("path"))),
                tr("Remove it, or name it in .fcignore.")};
    }
    if (is("PackageEmpty")) {
        return {tr("There is nothing to deploy in “%1”.").arg(textOf(error.param("path"))),
                tr("Put the function's code into it first.")};
    }
    if (is("PackageNotZip")) {
        return {tr("“%1” is neither a folder nor a zip file.").arg(textOf(error.param("path"))), {}};
    }
    if (is("PackageTooLarge")) {
        return {tr("The folder has more than %1 entries.").arg(textOf(error.param("limit"))),
                tr("Name what the function does not need in .fcignore.")};
    }
    if (is("PackageNotWritten")) {
        return {tr("The package can't be written to “%1”: %2").arg(textOf(error.param("folder")), textOf(error.detail)),
                tr("Make room there.")};
    }
    if (is("PackageNameNotUtf8")) {
        return {tr("A file name is not UTF-8: %1").arg(textOf(error.param("path"))), tr("Rename it.")};
    }
    if (is("SpawnerNotStarted")) {
        return {tr("The runtime inside the console could not be prepared."), textOf(error.detail)};
    }

    QString event;
    QString remedy;
    switch (error.code) {
        case Code::Cancelled:
            return {tr("Cancelled."), {}};
        case Code::InvalidArgument:
        case Code::OutOfRange:
            event = tr("The runtime refused a value.");
            break;
        case Code::DeadlineExceeded:
            event = tr("The runtime did not answer in time.");
            remedy = tr("Try again; if that keeps happening, look at its load.");
            break;
        case Code::NotFound:
            event = tr("What was asked for does not exist.");
            break;
        case Code::AlreadyExists:
            event = tr("Something of this name is already there.");
            break;
        case Code::PermissionDenied:
            event = tr("This is not allowed to the key that the console uses.");
            remedy = tr("Ask the account's owner for a grant.");
            break;
        case Code::Unauthenticated:
            event = tr("The runtime does not accept the credentials.");
            remedy = tr("Check the file given with --credentials, and this machine's clock.");
            break;
        case Code::ResourceExhausted:
            event = tr("A limit is reached.");
            remedy = tr("Wait for what runs to end, or raise the limit.");
            break;
        case Code::Unimplemented:
            event = tr("The runtime does not know this operation.");
            remedy = tr("Its version may be older than the console's.");
            break;
        case Code::Unavailable:
            event = tr("The runtime can't be reached.");
            break;
        default:
            event = tr("Something went wrong in the runtime.");
            remedy = tr("Its log tells more.");
    }
    if (!message.isEmpty()) {
        event += QLatin1Char(' ') + message;
    }
    QStringList facts;
    if (!error.reason.empty()) {
        facts.append(textOf(error.reason));
    }
    for (const auto& [name, value] : error.params) {
        if (name != "message") {
            facts.append(textOf(name) + QStringLiteral(": ") + textOf(value));
        }
    }
    if (!facts.isEmpty()) {
        event += QStringLiteral(" (%1)").arg(facts.join(QStringLiteral(", ")));
    }
    return {event, remedy};
}

}  // namespace hanshu::feedback
