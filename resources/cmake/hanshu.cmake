# SPDX-FileCopyrightText: 2026 The Hanshu authors
# SPDX-License-Identifier: GPL-3.0-or-later

# One precompiled header for every room: it holds what nearly every file of core includes, and no gRPC, Beast or Qt.
add_library(hanshu_pch STATIC ${CMAKE_SOURCE_DIR}/core/base/precompiled.cpp)
target_include_directories(hanshu_pch PRIVATE ${CMAKE_SOURCE_DIR}/core)
target_link_libraries(hanshu_pch PRIVATE Boost::headers fmt::fmt Threads::Threads)
target_precompile_headers(hanshu_pch PRIVATE ${CMAKE_SOURCE_DIR}/core/base/precompiled.h)

# hanshu_room(NAME [ROOMS room…] [LINKS library…] [EXTRA file…])
# A static library hanshu_NAME of every .cpp in the room's folder. ROOMS are the rooms of core that it may include.
function(hanshu_room name)
  cmake_parse_arguments(ARG "" "" "ROOMS;LINKS;EXTRA" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  list(FILTER sources EXCLUDE REGEX "precompiled\\.cpp$")
  if(NOT sources MATCHES "\\.cpp")
    message(FATAL_ERROR "room ${name} has no source")
  endif()
  add_library(hanshu_${name} STATIC ${sources} ${ARG_EXTRA})
  target_include_directories(hanshu_${name} PUBLIC ${CMAKE_SOURCE_DIR}/core)
  list(TRANSFORM ARG_ROOMS PREPEND hanshu_)
  target_link_libraries(hanshu_${name} PUBLIC ${ARG_ROOMS} ${ARG_LINKS})
  target_precompile_headers(hanshu_${name} REUSE_FROM hanshu_pch)
endfunction()

# The tests of one label, for presets that need no more: `hanshu_tests_tsan`.
function(hanshu_tests_of_label label test)
  if(NOT TARGET hanshu_tests_${label})
    add_custom_target(hanshu_tests_${label})
  endif()
  add_dependencies(hanshu_tests_${label} ${test})
endfunction()

# hanshu_test(NAME [ROOMS room…] [LINKS library…] [LABELS label…] [TIMEOUT seconds])
# One QtTest program tst_NAME from tst_NAME.cpp in the current folder.
function(hanshu_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "ROOMS;LINKS;LABELS" ${ARGN})
  add_executable(tst_${name} tst_${name}.cpp)
  set_target_properties(tst_${name} PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(tst_${name} PRIVATE ${CMAKE_SOURCE_DIR}/core ${CMAKE_SOURCE_DIR}/tests)
  list(TRANSFORM ARG_ROOMS PREPEND hanshu_)
  target_link_libraries(tst_${name} PRIVATE ${ARG_ROOMS} ${ARG_LINKS} Qt6::Test)
  if(NOT "hanshu_widgets" IN_LIST ARG_ROOMS)
    target_precompile_headers(tst_${name} REUSE_FROM hanshu_tests_pch)
  endif()
  add_test(NAME ${name} COMMAND tst_${name})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  foreach(label ${ARG_LABELS})
    hanshu_tests_of_label(${label} tst_${name})
  endforeach()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}" ENVIRONMENT
    "QT_QPA_PLATFORM=offscreen;HANSHU_BIN=${CMAKE_BINARY_DIR}/bin;HANSHU_SOURCE=${CMAKE_SOURCE_DIR};TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")
endfunction()

# hanshu_fuzz(NAME [ROOMS room…])
# One libFuzzer program fuzz_NAME from fuzz_NAME.cpp in the current folder; the target `fuzz` builds them all.
function(hanshu_fuzz name)
  cmake_parse_arguments(ARG "" "" "ROOMS" ${ARGN})
  add_executable(fuzz_${name} fuzz_${name}.cpp)
  target_include_directories(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR}/core ${CMAKE_SOURCE_DIR}/tests)
  list(TRANSFORM ARG_ROOMS PREPEND hanshu_)
  target_link_libraries(fuzz_${name} PRIVATE ${ARG_ROOMS})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  if(NOT TARGET fuzz)
    add_custom_target(fuzz)
  endif()
  add_dependencies(fuzz fuzz_${name})
endfunction()

# hanshu_embed(TARGET file…): puts the bytes of files into the program; see base/embedded.h for how to read them.
# Once a target. The bytes are a library of their own, because the precompiled header is for C++ alone.
function(hanshu_embed target)
  set(assemblies)
  foreach(file ${ARGN})
    get_filename_component(absolute ${file} ABSOLUTE)
    get_filename_component(stem ${file} NAME)
    string(MAKE_C_IDENTIFIER ${stem} symbol)
    set(assembly ${CMAKE_CURRENT_BINARY_DIR}/embedded_${symbol}.c)
    file(CONFIGURE OUTPUT ${assembly} CONTENT [[
__asm__(".section .rodata\n"
        ".global hanshu_embedded_@symbol@_begin\n"
        ".global hanshu_embedded_@symbol@_end\n"
        "hanshu_embedded_@symbol@_begin:\n"
        ".incbin \"@absolute@\"\n"
        "hanshu_embedded_@symbol@_end:\n"
        ".byte 0\n"
        ".text\n");
]] @ONLY)
    set_source_files_properties(${assembly} PROPERTIES OBJECT_DEPENDS ${absolute} COMPILE_OPTIONS "-Wno-pedantic")
    list(APPEND assemblies ${assembly})
  endforeach()
  add_library(${target}_embedded OBJECT ${assemblies})
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_embedded>)
endfunction()
