# llama.cpp's library of command-line helpers is more than half of the compile time and nothing here uses it.
# The package forces its cache entry on; a normal variable takes precedence over a cache entry.
set(LLAMA_BUILD_COMMON OFF)
