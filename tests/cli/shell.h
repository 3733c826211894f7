// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A shell that knows one program: whole command lines against the services over real rooms. One thread.
#pragma once

#include "cli/cli.h"
#include "gateway_grpc/grpc_fixture.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace hanshu::tests {

struct Answer {
    int exit = 0;
    std::string out;
    std::string err;
};

class Shell {
public:
    Answer operator()(const std::vector<std::string>& arguments, const std::string& input = {}) {
        std::ostringstream out;
        auto answer = into(out, arguments, input);
        answer.out = out.str();
        return answer;
    }
    // Its standard output is `out`.
    Answer into(std::ostream& out, const std::vector<std::string>& arguments, const std::string& input = {}) {
        std::istringstream in(input);
        std::ostringstream err;
        const auto connect = [this](const cli::ServerOptions&) -> Result<std::shared_ptr<grpc::Channel>> {
            return house.channel;
        };
        Answer answer;
        answer.exit = cli::run(arguments, {in, out, err}, connect);
        answer.err = err.str();
        return answer;
    }
    std::string file(const std::string& name, const std::string& text) {
        const auto path = folder.filePath(QString::fromStdString(name)).toStdString();
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
    Answer deploy(const std::string& name) {
        file("code/index.py", "def handler(event, context):\n    return event\n");
        return (*this)({"function", "deploy", name, folder.filePath("code").toStdString(), "--runtime", "python3.11",
                        "--handler", "index.handler", "--env", "A=1", "--env", "B=x=y", "--role", "worker"});
    }

    GrpcFixture house;
    QTemporaryDir folder;
};

inline bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace hanshu::tests

#define EXIT(command, code)                                                       \
    do {                                                                          \
        const hanshu::tests::Answer& answered = (command);                        \
        QVERIFY2(answered.exit == (code), (answered.out + answered.err).c_str()); \
    } while (false)
