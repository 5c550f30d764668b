// The runner's end of the wire: a JSON object a line (/crates/protocol/src/wire.rs).
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>

// The next line of input, without its newline; NULL at the end of input. It stays until the next is read.
const char *read_line(size_t *length);

// Writes a line, and flushes it: nothing else ever reaches standard output.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Refuses the job: says why, and ends the process with 0, since a refusal is an answer.
_Noreturn void refuse(const char *status, const char *format, ...) __attribute__((format(printf, 2, 3)));

// From now on `refuse` answers a probe.
void answer_a_probe(void);

// An unexpected failure: says what failed on standard error, and ends the process with 1.
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Sends an event, and gives the line that answers it. If input ends instead, the process ends.
const char *ask(const char *event, size_t *length);

// Sends an event and waits for `go`.
void checkpoint(const char *event);

void wait_for_end_of_input(void);

#endif
