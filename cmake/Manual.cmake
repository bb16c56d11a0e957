# manuals(room): each portolan/ROOM/*.md is the manual of one command. It is compiled into the program (for --help) and,
# where go-md2man is found, becomes a man page in build/man. Lines `@include NAME.md` bring in portolan/ROOM/manual/NAME.md,
# where the options that several commands share are described once.

find_program(GO_MD2MAN go-md2man)

function(manuals room)
  set(dir ${CMAKE_CURRENT_SOURCE_DIR}/${room})
  set(script ${PROJECT_SOURCE_DIR}/cmake/manual.py)
  set(embedded_dir ${PROJECT_BINARY_DIR}/generated/portolan/${room}/manual)
  set(man_dir ${PROJECT_BINARY_DIR}/man)
  file(GLOB pages CONFIGURE_DEPENDS ${dir}/*.md)
  file(GLOB shared CONFIGURE_DEPENDS ${dir}/manual/*.md)

  set(embedded "")
  set(man_pages "")
  foreach(page IN LISTS pages)
    get_filename_component(stem ${page} NAME_WE)
    set(include ${embedded_dir}/${stem}.md.inc)
    add_custom_command(OUTPUT ${include}
      COMMAND ${Python3_EXECUTABLE} ${script} embed ${page} ${include}
      DEPENDS ${page} ${shared} ${script} VERBATIM
      COMMENT "Embedding manual ${stem}.md")
    list(APPEND embedded ${include})

    if(GO_MD2MAN)
      string(REPLACE "_" "-" name ${stem})
      if(NOT name STREQUAL "portolan")
        set(name portolan-${name})
      endif()
      set(man_page ${man_dir}/${name}.1)
      add_custom_command(OUTPUT ${man_page}
        COMMAND ${Python3_EXECUTABLE} ${script} man ${page} ${man_page}.md --version ${PROJECT_VERSION}
        COMMAND ${GO_MD2MAN} -in ${man_page}.md -out ${man_page}
        COMMAND ${CMAKE_COMMAND} -E rm ${man_page}.md
        DEPENDS ${page} ${shared} ${script} VERBATIM
        COMMENT "Making man page ${name}(1)")
      list(APPEND man_pages ${man_page})
    endif()
  endforeach()

  target_sources(portolan_${room} PRIVATE ${embedded})
  add_custom_target(portolan_${room}_manuals DEPENDS ${embedded})
  foreach(user portolan_${room}_testing portolan_${room}_test)
    if(TARGET ${user})
      add_dependencies(${user} portolan_${room}_manuals)
    endif()
  endforeach()

  if(GO_MD2MAN)
    add_custom_target(portolan_${room}_man ALL DEPENDS ${man_pages})
    include(GNUInstallDirs)
    install(FILES ${man_pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  else()
    message(STATUS "go-md2man was not found: no man pages are made (Debian package go-md2man)")
  endif()
endfunction()
