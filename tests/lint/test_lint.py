# SPDX-FileCopyrightText: 2026 The Hanshu authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks of the lint find, and what they leave alone."""

import pathlib
import tempfile
import unittest

import coroutine_temporaries
import lint
from include_closure import IncludeClosure


def awaited(expression, before="", names=("Response",)):
    text = f"Task<void> f() {{\n{before}\nco_await {expression};\n}}\n"
    return [what for _, what in sorted(coroutine_temporaries.suspects(text, set(names)))]


class CoroutineTemporaries(unittest.TestCase):
    def test_closure_that_owns_something_is_found(self):
        self.assertEqual(awaited("onPool(pool, [x = std::move(x)] { use(x); })"), ["a closure that captures x = std::move(x)"])
        self.assertEqual(awaited("write([this, name](Connection& c) { put(c, name); })", "std::string name;"),
                         ["a closure that captures name"])
        self.assertEqual(awaited("write([=] { put(); })"), ["a closure that captures ="])
        self.assertEqual(awaited("f([*this] { put(); })"), ["a closure that captures *this"])

    def test_closure_of_references_and_plain_values_is_left_alone(self):
        self.assertEqual(awaited("write([&, this](Connection& c) { put(c); })"), [])
        self.assertEqual(awaited("write([&x = m_x, size](auto done) { put(x, size, done); })", "const std::size_t size = 3;"), [])
        self.assertEqual(awaited("write([node, left] { put(node, left); })", "Node* node = first(); int left{2};"), [])

    def test_closure_with_a_name_is_left_alone(self):
        self.assertEqual(awaited("onPool(pool, std::move(work))", "auto work = [x = std::move(x)] { use(x); };"), [])

    def test_body_of_a_closure_is_an_expression_of_its_own(self):
        self.assertEqual(awaited("write([&] { return Response{.status = 1}; })"), [])

    def test_aggregate_made_with_braces_is_found(self):
        self.assertEqual(awaited("send(api::Response{.status = 200})"), ["Response made with braces"])
        self.assertEqual(awaited("send({.status = 200, .body = text})"), ["an aggregate made with braces"])

    def test_braces_of_views_and_classes_are_left_alone(self):
        self.assertEqual(awaited("send(stream.write({data, size}), std::string{}, {})"), [])
        self.assertEqual(awaited("wait(std::chrono::seconds{5})"), [])

    def test_text_and_comments_are_no_code(self):
        self.assertEqual(awaited('send("Response{1}", R"x(Response{2})x")  /* Response{3} */'), [])

    def test_behind_the_statement_nothing_is_awaited(self):
        self.assertEqual(awaited("done(); send(Response{.status = 200})"), [])

    def test_subscript_is_no_closure(self):
        self.assertEqual(awaited("send(rooms[name].get(), m_list[i][j])"), [])

    def test_aggregates_are_structs_that_own_something(self):
        text = """struct Owning { std::string name; int size = 0; };
                  struct Plain { int size = 0; std::string_view name; };
                  struct Made { explicit Made(int size); std::string name; };"""
        self.assertEqual(coroutine_temporaries.aggregates([text]), {"Owning"})

    def test_line_is_that_of_the_temporary(self):
        text = "/* one\n two */\nauto r = co_await f(\n    a,\n    Response{1});"
        self.assertEqual(coroutine_temporaries.suspects(text, {"Response"}), {(5, "Response made with braces")})


class LazyStart(unittest.TestCase):
    def test_a_reference_that_converts_is_told(self):
        text = "Task<void> handle(\n    Exchange& exchange, const std::optional<Door>& door);"
        self.assertEqual(list(coroutine_temporaries.converting_references(text)), [(1, "const std::optional<Door>& door")])

    def test_values_views_and_rooms_are_taken(self):
        text = "Task<Result<void>> f(std::string name, std::string_view view, const Rooms& rooms);\nResult<void> g(const std::string& n);"
        self.assertEqual(list(coroutine_temporaries.converting_references(text)), [])


class Rooms(unittest.TestCase):
    def why(self, path, include):
        return lint.violation(pathlib.Path(path), include)

    def test_room_sees_only_rooms_above_it(self):
        self.assertIsNone(self.why("core/store/database.cpp", "base/result.h"))
        self.assertIn("stands above", self.why("core/store/database.cpp", "gateway/rest_api.h"))

    def test_libraries_stay_where_they_belong(self):
        self.assertIsNotNone(self.why("core/base/clock.cpp", "QString"))
        self.assertIsNotNone(self.why("core/invoke/pipeline.cpp", "grpcpp/grpcpp.h"))
        self.assertIsNotNone(self.why("core/catalog/catalog.cpp", "sqlite3.h"))
        self.assertIsNotNone(self.why("widgets/pages/page.cpp", "store/database.h"))
        self.assertIsNone(self.why("widgets/deploy/source.h", "bundle/folder.h"))
        self.assertIsNone(self.why("app/cli/function_commands.cpp", "bundle/package.h"))
        self.assertIsNone(self.why("core/gateway/grpc_server.cpp", "grpcpp/grpcpp.h"))
        self.assertIsNone(self.why("core/store/database.cpp", "sqlite3.h"))


class Digests(unittest.TestCase):
    FILES = {"core/a.h": "#pragma once\n", "core/b.h": '#include "a.h"\n', "core/c.cpp": '#if 0\n#include <b.h>\n#endif\n',
             "build/dev/forced.h": "", "core/other.h": ""}

    def digest(self, changes=None, flags="-DX"):
        with tempfile.TemporaryDirectory() as folder:
            top = pathlib.Path(folder).resolve()
            for name, text in (self.FILES | (changes or {})).items():
                (top / name).parent.mkdir(parents=True, exist_ok=True)
                (top / name).write_text(text.replace("TOP", str(top)))
            command = f"c++ {flags} -I{top}/core -include {top}/build/dev/forced.h -o c.o -c {top}/core/c.cpp"
            return IncludeClosure(top).digest({"command": command, "file": f"{top}/core/c.cpp"})

    def test_clones_agree(self):
        self.assertEqual(self.digest(), self.digest())
        forced = {"build/dev/forced.h": '#include "TOP/core/other.h"\n'}
        self.assertEqual(self.digest(forced), self.digest(forced))

    def test_everything_that_is_read_counts(self):
        self.assertNotEqual(self.digest(), self.digest({"core/a.h": "#pragma once\n// NOLINT\n"}))
        self.assertNotEqual(self.digest(), self.digest({"core/c.cpp": "int x;\n"}))
        self.assertNotEqual(self.digest(), self.digest({"build/dev/forced.h": "int x;\n"}))
        self.assertNotEqual(self.digest(), self.digest(flags="-DY"))

    def test_what_is_not_read_does_not_count(self):
        self.assertEqual(self.digest(), self.digest({"core/other.h": "int x;\n"}))


if __name__ == "__main__":
    unittest.main()
