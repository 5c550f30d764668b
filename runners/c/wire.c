#include "wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_LINE_BYTES = 1 << 20, EXCERPT_BYTES = 80 };

static bool probing;

const char *read_line(size_t *length) {
    static char *line;
    static size_t room;
    ssize_t read = getline(&line, &room, stdin);
    if (read < 0 || read > MAX_LINE_BYTES) {
        return NULL;
    }
    if (read > 0 && line[read - 1] == '\n') {
        line[--read] = 0;
    }
    *length = (size_t)read;
    return line;
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    if (fflush(stdout)) {
        fail("standard output is closed");
    }
}

// A text as it may stand in a JSON string.
static void put_text(const char *text) {
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            printf("\\%c", c);
        } else if (c < 0x20 || c > 0x7e) {
            printf("\\u%04x", c); // What is quoted may be no UTF-8 at all.
        } else {
            putchar(c);
        }
    }
}

_Noreturn void refuse(const char *status, const char *format, ...) {
    char *reason;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&reason, format, arguments) < 0) {
        fail("no memory for a reason");
    }
    va_end(arguments);
    if (probing) {
        printf("{\"available\":false,\"reason\":\"");
    } else {
        printf("{\"event\":\"refused\",\"status\":\"%s\",\"reason\":\"", status);
    }
    put_text(reason);
    say("\"}");
    exit(0);
}

void answer_a_probe(void) {
    probing = true;
}

_Noreturn void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    _exit(1); // Not exit: other threads may be at work.
}

const char *ask(const char *event, size_t *length) {
    say("{\"event\":\"%s\"}", event);
    const char *line = read_line(length);
    if (!line) {
        _exit(0);
    }
    return line;
}

void checkpoint(const char *event) {
    size_t length;
    const char *word = ask(event, &length);
    if (strcmp(word, "go")) {
        refuse("protocol-error", "expected \"go\" at a checkpoint, not \"%.*s\"", EXCERPT_BYTES, word);
    }
}

void wait_for_end_of_input(void) {
    size_t length;
    while (read_line(&length)) {
    }
}
