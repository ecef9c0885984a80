# Fuzz targets: tests/fuzz/NAME_fuzz.cpp becomes fuzz_NAME when NDISKIT_FUZZ is on. Each starts from the seeds in
# tests/fuzz/corpus/NAME. The whole build is then under AddressSanitizer and UndefinedBehaviorSanitizer with
# coverage for libFuzzer, so use a build folder of its own (tests/fuzz/run does). CTest runs each target over its
# seeds only; `tests/fuzz/run SECONDS NAME` searches.
#
# A target links the layer that it names in a line `// fuzz: LAYER`; without one, base.
if(NDISKIT_FUZZ)
  file(GLOB fuzz_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/*_fuzz.cpp)
  foreach(source IN LISTS fuzz_sources)
    get_filename_component(name ${source} NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" name ${name})
    file(STRINGS ${source} layer_line REGEX "^// fuzz: [a-z_]+$")
    string(REGEX REPLACE "^// fuzz: " "" layer "${layer_line}")
    if(NOT layer)
      set(layer base)
    endif()
    add_executable(fuzz_${name} ${source})
    target_link_libraries(fuzz_${name} PRIVATE ndiskit_${layer} GTest::gtest)
    target_include_directories(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    file(GLOB seeds ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}/*)
    if(NOT name STREQUAL "canary")
      add_test(NAME fuzz.${name} COMMAND fuzz_${name} -runs=0 ${seeds})
      # Its own planted crash (tests/fuzz/canary.h), which the seeds must run into.
      add_test(NAME fuzz.${name}.canary COMMAND fuzz_${name} -runs=0 ${seeds})
      set_tests_properties(fuzz.${name}.canary PROPERTIES ENVIRONMENT NDISKIT_FUZZ_CANARY=1
        PASS_REGULAR_EXPRESSION "canary: the planted crash")
    endif()
  endforeach()
  # The planted crash must be found, else the fuzzing itself is broken.
  add_test(NAME fuzz.canary COMMAND fuzz_canary -seed=1 -runs=2000000 -artifact_prefix=${CMAKE_BINARY_DIR}/)
  set_tests_properties(fuzz.canary PROPERTIES PASS_REGULAR_EXPRESSION "canary: the planted crash")
endif()
