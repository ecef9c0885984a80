# Drivers are built by the kit's own `build` verb, in a small tool of its own so that a change of the
# NT or NDIS layers does not rebuild every driver.
if(EXISTS ${CMAKE_SOURCE_DIR}/src/build/main.cpp)
  add_executable(ndiskit_build_tool src/build/main.cpp)
  target_link_libraries(ndiskit_build_tool PRIVATE ndiskit_build CLI11::CLI11)
endif()

# ndiskit_driver(NAME FOLDER [options of the tool]): build/drivers/NAME.sys out of FOLDER's Visual Studio project,
# NAME.vcxproj, or where there is none, out of all sources in FOLDER.
function(ndiskit_driver name folder)
  set(project ${folder})
  if(EXISTS ${folder}/${name}.vcxproj)
    set(project ${folder}/${name}.vcxproj)
  endif()
  file(GLOB_RECURSE inputs CONFIGURE_DEPENDS ${folder}/*)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/ddk/*)
  set(output ${CMAKE_BINARY_DIR}/drivers/${name}.sys)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -E env NDISKIT_CACHE=${CMAKE_BINARY_DIR}/ddk
            $<TARGET_FILE:ndiskit_build_tool> ${project} --name ${name} --out ${CMAKE_BINARY_DIR}/drivers --quiet ${ARGN}
    DEPENDS ndiskit_build_tool ${inputs} ${headers}
    COMMENT "Building driver ${name}.sys" VERBATIM)
  add_custom_target(driver_${name} ALL DEPENDS ${output})
endfunction()

if(TARGET ndiskit_build_tool)
  file(GLOB driver_folders CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/drivers/* ${CMAKE_SOURCE_DIR}/tests/drivers/*)
  foreach(folder IN LISTS driver_folders)
    file(GLOB driver_sources ${folder}/*.cpp ${folder}/*.c)
    if(driver_sources)
      get_filename_component(driver ${folder} NAME)
      # Fixtures that crash on purpose must do it by themselves, not in a sanitizer's check.
      set(options "")
      if(NDISKIT_SANITIZE AND
          (NOT folder MATCHES "/tests/drivers/" OR driver MATCHES "^(instrumented|packets|scramble|tunnel|valve|virtnic|watch)$"))
        set(options --sanitize ${NDISKIT_SANITIZE})
      endif()
      ndiskit_driver(${driver} ${folder} ${options})
    endif()
  endforeach()
endif()
