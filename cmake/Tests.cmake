# Unit tests mirror src/: tests/unit/LAYER/**/*_test.cpp become one program, unit_LAYER. CTest runs every
# test in a process of its own, because a process is one Windows machine.
enable_testing()
find_package(GTest REQUIRED)
include(GoogleTest)

# Sanitizers make the thousand seeds ten times slower.
set(timeout 120)
if(NDISKIT_SANITIZE)
  set(timeout 600)
endif()

function(ndiskit_unit_tests layer)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/${layer}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(unit_${layer} ${sources})
  target_link_libraries(unit_${layer} PRIVATE ndiskit_${layer} ${ARGN} GTest::gtest GTest::gtest_main)
  target_include_directories(unit_${layer} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(unit_${layer} PRIVATE
    NDISKIT_SOURCE_DIR="${CMAKE_SOURCE_DIR}" NDISKIT_BUILD_DIR="${CMAKE_BINARY_DIR}")
  gtest_discover_tests(unit_${layer} NO_PRETTY_VALUES DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120
    TEST_PREFIX "${layer}." PROPERTIES TIMEOUT ${timeout})
endfunction()

foreach(layer base wire client engine nt user_io ndis edge nic transport setup build)
  ndiskit_unit_tests(${layer})
endforeach()
target_link_libraries(unit_setup PRIVATE ndiskit_user_io)
# Another implementation of registry hives.
target_link_libraries(unit_nt PRIVATE hivex)
# Other implementations of the compressed formats, where the machine has them.
foreach(other wim:wimlib fwnt:libfwnt)
  string(REGEX MATCH "^[a-z]+" library ${other})
  string(REGEX MATCH "[a-z]+$" header ${other})
  string(TOUPPER ${header} define)
  find_library(NDISKIT_OTHER_${define} ${library})
  find_path(NDISKIT_OTHER_${define}_INCLUDE ${header}.h)
  if(NDISKIT_OTHER_${define} AND NDISKIT_OTHER_${define}_INCLUDE)
    target_link_libraries(unit_nt PRIVATE ${NDISKIT_OTHER_${define}})
    target_compile_definitions(unit_nt PRIVATE NDISKIT_HAS_${define}=1)
  endif()
endforeach()
ndiskit_unit_tests(cli)

find_package(Python3 REQUIRED COMPONENTS Interpreter)

# What a sanitizer has nothing to add to is left out of its build.
if(NOT NDISKIT_SANITIZE)
  # Compiles the headers of ddk/include for host and Windows at test time; stands on base alone.
  add_library(ndiskit_abi ALIAS ndiskit_base)
  ndiskit_unit_tests(abi)

  # The test of the house, and the test of that.
  add_test(NAME tidy COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/tidy/tidy)
  add_test(NAME tidy.itself COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/unit/tidy/tidy_test.py)
endif()

# Tests of the command as it is used: the real binary, real programs. tests/system/command.py runs it.
function(ndiskit_system_test script timeout)
  get_filename_component(name ${script} NAME_WE)
  string(REGEX REPLACE "_test$" "" name ${name})
  add_test(NAME system.${name} COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/${script} $<TARGET_FILE:ndiskit>)
  set_tests_properties(system.${name} PROPERTIES TIMEOUT ${timeout} SKIP_RETURN_CODE 77)
endfunction()
ndiskit_system_test(tests/system/cli_test.py 180)
ndiskit_system_test(tests/system/debug_test.py 180)
ndiskit_system_test(tests/system/ddi_test.py 60)
ndiskit_system_test(tests/system/pnp_test.py 180)
ndiskit_system_test(tests/system/programs_test.py 180)
# A program as others write them: the client library and nothing else of the kit.
add_executable(packets tests/system/packets.cpp)
target_link_libraries(packets PRIVATE ndiskit_client)
ndiskit_system_test(tests/system/demo_test.py 240)
ndiskit_system_test(tests/system/filters_test.py 180)
# It measures: nothing else runs beside it.
set_tests_properties(system.demo PROPERTIES RUN_SERIAL TRUE)
