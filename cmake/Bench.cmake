# Benchmarks: each bench/NAME_bench.cpp becomes build/bench/NAME, which bench/run runs. What it links is the layer
# of that name when there is one, else all of the kit.
find_package(benchmark REQUIRED)

file(GLOB benchmarks CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/*_bench.cpp)
foreach(source IN LISTS benchmarks)
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "_bench$" "" name ${name})
  set(library ndiskit_setup)
  if(TARGET ndiskit_${name})
    set(library ndiskit_${name})
  endif()
  add_executable(bench_${name} ${source})
  target_link_libraries(bench_${name} PRIVATE ${library} benchmark::benchmark_main)
  target_compile_definitions(bench_${name} PRIVATE
    NDISKIT_SOURCE_DIR="${CMAKE_SOURCE_DIR}" NDISKIT_BUILD_DIR="${CMAKE_BINARY_DIR}")
  set_target_properties(bench_${name} PROPERTIES
    OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endforeach()
