# Flags that every host target shares.
find_program(CCACHE ccache)
if(CCACHE)
  # Where the cache cannot be written (no home, or one that is read-only) ccache fails instead of compiling.
  set(probe ${CMAKE_BINARY_DIR}/CMakeFiles/ccache_probe.c)
  file(WRITE ${probe} "int probe;\n")
  execute_process(COMMAND ${CCACHE} ${CMAKE_C_COMPILER} -c ${probe} -o ${probe}.o
    RESULT_VARIABLE ccache_failed OUTPUT_QUIET ERROR_QUIET)
endif()
if(CCACHE AND ccache_failed EQUAL 0)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(ndiskit_flags INTERFACE)
target_include_directories(ndiskit_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/ddk/include)
target_compile_options(ndiskit_flags INTERFACE
  -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers -Wno-nested-anon-types
  -fms-extensions -Wno-microsoft -fno-omit-frame-pointer -fno-strict-aliasing -mcx16 -mfsgsbase)
target_link_options(ndiskit_flags INTERFACE -fuse-ld=lld-19 -Wl,--gdb-index)

if(NDISKIT_FUZZ)
  # Coverage for libFuzzer in every layer; cmake/Fuzz.cmake makes the targets.
  add_compile_options(-fsanitize=fuzzer-no-link)
  if(NOT NDISKIT_SANITIZE)
    set(NDISKIT_SANITIZE address)
  endif()
endif()
if(NDISKIT_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=function,vptr,alignment -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
elseif(NDISKIT_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
elseif(NDISKIT_SANITIZE)
  message(FATAL_ERROR "NDISKIT_SANITIZE is '${NDISKIT_SANITIZE}'; use address, thread or nothing")
endif()
