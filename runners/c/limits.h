// The limits of the machine that stand in the way of too many tasks, known beforehand: each refuses.
#ifndef LIMITS_H
#define LIMITS_H

#include <stdbool.h>
#include <stdint.h>

// More threads alive at once than mappings, the user, the kernel or the control group leave room for.
void require_threads(uint64_t threads, uint64_t mappings_a_thread);

// More files open at once than the process may have.
void require_files(uint64_t files);

// Restricts the process, while it has one thread, to that many of its CPUs.
void restrict_to_cpus(uint64_t count);

#endif
