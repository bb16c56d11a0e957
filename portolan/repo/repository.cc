// Keeps the interface header of this room compiling alone.
#include "portolan/repo/repository.h"
