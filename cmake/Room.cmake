# room(NAME LEVEL n [MAY_INCLUDE room…] [LIBRARIES target…] [TEST_LIBRARIES target…])
#
# One folder portolan/NAME is one static library portolan_NAME. Files are found by their names:
#   x.cc               the library
#   x_test.cc          a part of the room's test program portolan_NAME_test
#   x_fuzz.cc          a fuzz target portolan_NAME_x_fuzz; its corpus in x_corpus/ is replayed by ctest
#   testing/*.cc       fakes for the tests of this room and of rooms above: portolan_NAME_testing
#
# MAY_INCLUDE lists every room whose headers this room may include. tools/check_rooms.py, run by ctest, holds the
# #include lines against it, and against the levels: strictly down.

set_property(GLOBAL PROPERTY PORTOLAN_ROOMS "")

# Tests are compiled in half the time without optimisation, and gain nothing by it; what they test keeps it.
function(compile_quickly target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Debug>:-O0>)
endfunction()

function(room name)
  cmake_parse_arguments(ROOM "" "LEVEL" "MAY_INCLUDE;LIBRARIES;TEST_LIBRARIES" ${ARGN})
  set(dir ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cc ${dir}/*.h)
  file(GLOB tests CONFIGURE_DEPENDS ${dir}/*_test.cc)
  file(GLOB fuzzers CONFIGURE_DEPENDS ${dir}/*_fuzz.cc)
  file(GLOB fakes CONFIGURE_DEPENDS ${dir}/testing/*.cc ${dir}/testing/*.h)
  if(tests)
    list(REMOVE_ITEM sources ${tests})
  endif()
  if(fuzzers)
    list(REMOVE_ITEM sources ${fuzzers})
  endif()

  list(TRANSFORM ROOM_MAY_INCLUDE PREPEND portolan_ OUTPUT_VARIABLE below)
  add_library(portolan_${name} STATIC ${sources})
  set_target_properties(portolan_${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(portolan_${name} PUBLIC portolan_flags ${below} PRIVATE ${ROOM_LIBRARIES})

  set(fakes_below "")
  foreach(lower IN LISTS ROOM_MAY_INCLUDE)
    if(TARGET portolan_${lower}_testing)
      list(APPEND fakes_below portolan_${lower}_testing)
    endif()
  endforeach()
  if(BUILD_TESTING AND fakes)
    add_library(portolan_${name}_testing STATIC EXCLUDE_FROM_ALL ${fakes})
    set_target_properties(portolan_${name}_testing PROPERTIES LINKER_LANGUAGE CXX)
    target_compile_definitions(portolan_${name}_testing PRIVATE PORTOLAN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    target_link_libraries(portolan_${name}_testing PUBLIC portolan_${name} ${fakes_below}
                                                   PRIVATE ${ROOM_LIBRARIES} ${ROOM_TEST_LIBRARIES} GTest::gtest)
    compile_quickly(portolan_${name}_testing)
    list(APPEND fakes_below portolan_${name}_testing)
  endif()

  if(BUILD_TESTING AND tests)
    add_executable(portolan_${name}_test ${tests})
    target_link_libraries(portolan_${name}_test PRIVATE
      portolan_${name} ${fakes_below} ${ROOM_LIBRARIES} ${ROOM_TEST_LIBRARIES} GTest::gtest GTest::gtest_main)
    target_compile_definitions(portolan_${name}_test PRIVATE PORTOLAN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    compile_quickly(portolan_${name}_test)
    add_test(NAME unit.${name} COMMAND portolan_${name}_test --gtest_brief=1)
    set_tests_properties(unit.${name} PROPERTIES TIMEOUT 300 LABELS unit)
  endif()
  if(BUILD_TESTING)
    foreach(fuzzer IN LISTS fuzzers)
      fuzz_target(${name} ${fuzzer})
    endforeach()
  endif()

  list(JOIN ROOM_MAY_INCLUDE "," allowed)
  set_property(GLOBAL APPEND PROPERTY PORTOLAN_ROOMS "${name} ${ROOM_LEVEL} ${allowed}")
endfunction()

# A fuzz target is always built and its corpus always replayed; only the preset "fuzz" links libFuzzer's own main.
function(fuzz_target room source)
  get_filename_component(stem ${source} NAME_WE)
  set(target portolan_${room}_${stem})
  add_executable(${target} ${source})
  target_link_libraries(${target} PRIVATE portolan_${room})
  if(PORTOLAN_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    set(replay_args -runs=0)
  else()
    target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cc)
  endif()
  string(REGEX REPLACE "_fuzz$" "_corpus" corpus ${stem})
  add_test(NAME fuzz.${room}.${stem}
           COMMAND ${target} ${replay_args} ${CMAKE_CURRENT_SOURCE_DIR}/${room}/${corpus})
  set_tests_properties(fuzz.${room}.${stem} PROPERTIES TIMEOUT 120 LABELS fuzz)
endfunction()

# Writes the rooms and their permissions down for the include check, and registers it.
function(finish_rooms)
  get_property(rooms GLOBAL PROPERTY PORTOLAN_ROOMS)
  list(JOIN rooms "\n" text)
  file(WRITE ${PROJECT_BINARY_DIR}/rooms.txt "${text}\n")
  if(BUILD_TESTING)
    add_test(NAME house.includes
             COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/check_rooms.py
                     ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/rooms.txt)
    add_test(NAME house.includes.check_works
             COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/check_rooms_test.py)
    set_tests_properties(house.includes house.includes.check_works PROPERTIES LABELS house)
  endif()
endfunction()
