# Debian's libcurl.a refers to libraries for protocols and features that Portolan switches off (LDAP, RTMP, SSH, Kerberos,
# cookies, international host names); for some Debian ships no archive. Their symbols are read out of libcurl.a and
# satisfied by a generated file whose functions abort, but for those that can be reached: the initialisers that
# curl_global_init calls, and the constructors of the brotli and zstd decoders, which a server reaches with a
# Transfer-Encoding field of its own; they fail as for want of memory.
# docs/adr/0004-static-linking.md says why this is sound: CURLOPT_PROTOCOLS is http and https, and none of the features is on.

find_package(CURL REQUIRED)
find_library(CURL_ARCHIVE NAMES libcurl.a)
find_library(NGHTTP2_ARCHIVE NAMES libnghttp2.a)
find_library(ZLIB_ARCHIVE NAMES libz.a)

# For servers; a client speaks HTTP/2 through libcurl.
add_library(portolan_nghttp2 INTERFACE)
target_link_libraries(portolan_nghttp2 INTERFACE $<IF:$<BOOL:${NGHTTP2_ARCHIVE}>,${NGHTTP2_ARCHIVE},nghttp2>)

add_library(portolan_curl INTERFACE)
if(CURL_ARCHIVE AND NGHTTP2_ARCHIVE AND ZLIB_ARCHIVE)
  set(unused ${PROJECT_BINARY_DIR}/generated/curl_unused_symbols.c)
  execute_process(COMMAND ${CMAKE_NM} ${CURL_ARCHIVE} OUTPUT_VARIABLE symbols ERROR_QUIET
                  RESULT_VARIABLE nm_result)
  if(NOT nm_result EQUAL 0)
    message(FATAL_ERROR "cannot read the symbols of ${CURL_ARCHIVE} with ${CMAKE_NM}")
  endif()
  string(REGEX MATCHALL " U (libssh2_|ldap_|ber_|gss_|GSS_|RTMP_|psl_|idn2_|ZSTD_|BrotliDecoder)[A-Za-z0-9_]*" needed
         "${symbols}")
  list(TRANSFORM needed REPLACE "^ U " "")
  list(REMOVE_DUPLICATES needed)
  set(code "#include <stdlib.h>\n")
  foreach(symbol IN LISTS needed)
    if(symbol STREQUAL "GSS_C_NT_HOSTBASED_SERVICE")
      string(APPEND code "void *${symbol};\n")
    elseif(symbol MATCHES "^(libssh2_init|libssh2_exit)$")
      string(APPEND code "int ${symbol}(void) { return 0; }\n")
    elseif(symbol MATCHES "^(BrotliDecoderCreateInstance|ZSTD_createDStream)$")
      string(APPEND code "void *${symbol}(void) { return NULL; }\n")
    else()
      string(APPEND code "void ${symbol}(void) { abort(); }\n")
    endif()
  endforeach()
  file(CONFIGURE OUTPUT ${unused} CONTENT "${code}" @ONLY)
  add_library(portolan_curl_unused STATIC ${unused})
  target_link_libraries(portolan_curl INTERFACE
    ${CURL_ARCHIVE} portolan_curl_unused ${NGHTTP2_ARCHIVE} OpenSSL::SSL OpenSSL::Crypto ${ZLIB_ARCHIVE}
    Threads::Threads ${CMAKE_DL_LIBS})
else()
  message(STATUS "libcurl.a or one of its parts is missing: linking the shared libcurl (slower start)")
  target_link_libraries(portolan_curl INTERFACE CURL::libcurl)
endif()
