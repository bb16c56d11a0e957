# Outside libraries, all of them Debian packages (docs/adr/0003-libraries.md). What Debian ships as an archive is
# linked as one: loading 33 shared libraries for libcurl costs 5 ms at every start (docs/adr/0004-static-linking.md).

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(OPENSSL_USE_STATIC_LIBS ON)
find_package(OpenSSL 3.0 REQUIRED)
set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(fmt REQUIRED)
if(BUILD_TESTING)
  find_package(GTest REQUIRED)
endif()
include(StaticCurl)

# Asio with the io_context as the one concrete executor; no deprecated names.
add_library(portolan_asio INTERFACE)
target_compile_definitions(portolan_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_ARRAY)
target_link_libraries(portolan_asio INTERFACE Boost::headers Threads::Threads)

find_library(CRYPT_ARCHIVE NAMES libcrypt.a REQUIRED)
find_library(YAML_CPP_ARCHIVE NAMES libyaml-cpp.a REQUIRED)

find_library(RE2_ARCHIVE NAMES libre2.a REQUIRED)
add_library(portolan_re2 INTERFACE)
target_link_libraries(portolan_re2 INTERFACE ${RE2_ARCHIVE} Threads::Threads)

find_library(SQLITE3_ARCHIVE NAMES libsqlite3.a REQUIRED)
add_library(portolan_sqlite INTERFACE)
target_link_libraries(portolan_sqlite INTERFACE ${SQLITE3_ARCHIVE} Threads::Threads m ${CMAKE_DL_LIBS})

if(PORTOLAN_STATIC)
  add_link_options(-static)
elseif(NOT PORTOLAN_SANITIZE)
  add_link_options(-static-libstdc++ -static-libgcc)
endif()

# Text formatting is everywhere, and in .cc files only.
target_link_libraries(portolan_flags INTERFACE fmt::fmt-header-only)
