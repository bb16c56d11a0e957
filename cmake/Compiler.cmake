# Flags that every target of the project shares.

add_library(portolan_flags INTERFACE)
target_include_directories(portolan_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
target_compile_options(portolan_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Wimplicit-fallthrough -Wno-missing-designated-field-initializers -Wunused -Woverloaded-virtual
  -ffunction-sections -fdata-sections -fno-omit-frame-pointer
  $<$<BOOL:${PORTOLAN_WERROR}>:-Werror>)
# Packed relocations: a position-independent program of this size has 28,000, and reads them at every start.
target_link_options(portolan_flags INTERFACE -fuse-ld=lld-19 -Wl,--gc-sections -Wl,-z,pack-relative-relocs)

if(PORTOLAN_SANITIZE)
  # -fno-sanitize=function: coroutine frames put function pointers where clang cannot check their type.
  set(sanitize_flags -fsanitize=${PORTOLAN_SANITIZE} -fno-sanitize-recover=all)
  if(PORTOLAN_SANITIZE MATCHES "undefined")
    list(APPEND sanitize_flags -fno-sanitize=function)
  endif()
  target_compile_options(portolan_flags INTERFACE ${sanitize_flags})
  target_link_options(portolan_flags INTERFACE ${sanitize_flags})
endif()
if(PORTOLAN_FUZZ)
  target_compile_options(portolan_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
