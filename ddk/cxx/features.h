// glibc's feature macros, which libstdc++ looks for: there are none here.
#pragma once
