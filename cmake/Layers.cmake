# The layers of src/, lowest first. A layer may link (and include) what stands before it, nothing else.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(pugixml REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)

# ndiskit_layer(NAME below...): a static library of all sources under src/NAME.
function(ndiskit_layer name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS
    ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp ${CMAKE_SOURCE_DIR}/src/${name}/*.S)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(NOT sources)
    add_library(ndiskit_${name} INTERFACE)
    target_link_libraries(ndiskit_${name} INTERFACE ndiskit_flags ${ARGN})
  else()
    add_library(ndiskit_${name} STATIC ${sources})
    target_link_libraries(ndiskit_${name} PUBLIC ndiskit_flags ${ARGN})
  endif()
endfunction()

ndiskit_layer(base fmt::fmt Threads::Threads)
ndiskit_layer(engine ndiskit_base)
ndiskit_layer(nt ndiskit_engine Zydis)
ndiskit_layer(ndis ndiskit_nt)
ndiskit_layer(wire ndiskit_base)
# What programs outside link to reach a machine's devices; it needs nothing else of the kit.
ndiskit_layer(client Threads::Threads)
# The machine's side of it.
ndiskit_layer(user_io ndiskit_nt ndiskit_client)
ndiskit_layer(edge ndiskit_ndis ndiskit_wire)
ndiskit_layer(nic ndiskit_edge)
ndiskit_layer(transport ndiskit_edge)
# toml++ is used from its headers; its CMake target would ask for the shared library, which no sanitizer sees.
ndiskit_layer(setup ndiskit_nic ndiskit_transport)
ndiskit_layer(build ndiskit_base pugixml::pugixml CLI11::CLI11)
target_compile_definitions(ndiskit_build PRIVATE NDISKIT_DDK_DIR="${CMAKE_SOURCE_DIR}/ddk")
ndiskit_layer(cli ndiskit_setup ndiskit_user_io ndiskit_build CLI11::CLI11 nlohmann_json::nlohmann_json)
# The list of what Windows exports is inside the command; the tests that it shows are read where they are.
set(ddi_exports ${CMAKE_SOURCE_DIR}/src/cli/ddi/exports.tsv)
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/cli/ddi/exports_data.S PROPERTIES
  OBJECT_DEPENDS ${ddi_exports} COMPILE_DEFINITIONS NDISKIT_DDI_EXPORTS="${ddi_exports}")
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/cli/verb_ddi.cpp PROPERTIES
  COMPILE_DEFINITIONS NDISKIT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")

if(EXISTS ${CMAKE_SOURCE_DIR}/src/cli/main.cpp)
  add_executable(ndiskit src/cli/main.cpp)
  target_link_libraries(ndiskit PRIVATE ndiskit_cli)
  # Symbols of exported functions serve backtraces out of drivers.
  target_link_options(ndiskit PRIVATE -rdynamic)
  set_target_properties(ndiskit PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
endif()
