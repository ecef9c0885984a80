// In a build without C++ exceptions libstdc++ makes `__try` a macro, which would take the keyword of structured
// exception handling from the driver. The headers of ddk/cxx define it only while libstdc++'s of the same name
// are read; the other two words of the family do no harm.
#pragma once
#define __catch(X) if (false)
#define __throw_exception_again
