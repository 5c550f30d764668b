#include "json.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const int DEEPEST = 32; // A job is nested two deep.

struct reader {
    const char *at, *end;
    int depth;
};

static struct json *read_value(struct reader *reader);

static bool is_next(struct reader *reader, char c) {
    while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) && *reader->at) {
        reader->at++;
    }
    return reader->at < reader->end && *reader->at == c;
}

static bool skip(struct reader *reader, char c) {
    bool next = is_next(reader, c);
    reader->at += next;
    return next;
}

static struct json *new_value(enum json_kind kind) {
    struct json *value = calloc(1, sizeof *value);
    if (value) {
        value->kind = kind;
    }
    return value;
}

// \uXXXX as UTF-8; halves of a pair are kept apart, as no name or path that we are sent has any.
static char *put_escaped(struct reader *reader, char *out) {
    if (reader->end - reader->at < 4) {
        return NULL;
    }
    char digits[5] = {0}, *rest;
    memcpy(digits, reader->at, 4);
    unsigned long code = strtoul(digits, &rest, 16);
    if (rest != digits + 4) {
        return NULL;
    }
    reader->at += 4;
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3f));
    } else {
        *out++ = (char)(0xe0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    }
    return out;
}

static char *read_string(struct reader *reader) {
    if (!skip(reader, '"')) {
        return NULL;
    }
    char *text = malloc((size_t)(reader->end - reader->at) + 1), *out = text;
    while (out && reader->at < reader->end) {
        char c = *reader->at++;
        if (c == '"') {
            *out = 0;
            return text;
        }
        if (c != '\\') {
            *out++ = c;
            continue;
        }
        char escaped = reader->at < reader->end ? *reader->at++ : 0;
        const char *plain = strchr("\"\\/bfnrt", escaped);
        if (escaped == 'u') {
            out = put_escaped(reader, out);
        } else if (escaped && plain) {
            *out++ = "\"\\/\b\f\n\r\t"[plain - "\"\\/bfnrt"];
        } else {
            return NULL;
        }
    }
    return NULL;
}

static struct json *read_number(struct reader *reader) {
    const char *from = reader->at;
    while (reader->at < reader->end && strchr("+-.eE0123456789", *reader->at) && *reader->at) {
        reader->at++;
    }
    struct json *value = new_value(JSON_NUMBER);
    char *rest;
    if (value && reader->at > from && (value->text = strndup(from, (size_t)(reader->at - from)))) {
        strtod(value->text, &rest);
        return *rest ? NULL : value;
    }
    return NULL;
}

static struct json *read_word(struct reader *reader, const char *word, enum json_kind kind) {
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length)) {
        return NULL;
    }
    reader->at += length;
    return new_value(kind);
}

// The parts of an object or an array, up to its closing bracket.
static struct json *read_parts(struct reader *reader, enum json_kind kind, char closing) {
    struct json *whole = new_value(kind);
    if (!whole || skip(reader, closing)) {
        return whole;
    }
    for (struct json **part = &whole->first;; part = &(*part)->next) {
        char *name = NULL;
        if (kind == JSON_OBJECT && !((name = read_string(reader)) && skip(reader, ':'))) {
            return NULL;
        }
        if (!(*part = read_value(reader))) {
            return NULL;
        }
        (*part)->name = name;
        if (skip(reader, closing)) {
            return whole;
        }
        if (!skip(reader, ',')) {
            return NULL;
        }
    }
}

static struct json *read_value(struct reader *reader) {
    struct json *value = NULL;
    if (++reader->depth > DEEPEST) {
        return NULL;
    }
    if (is_next(reader, '"')) {
        value = new_value(JSON_STRING);
        if (value && !(value->text = read_string(reader))) {
            return NULL;
        }
    } else if (skip(reader, '{')) {
        value = read_parts(reader, JSON_OBJECT, '}');
    } else if (skip(reader, '[')) {
        value = read_parts(reader, JSON_ARRAY, ']');
    } else if (is_next(reader, 't')) {
        value = read_word(reader, "true", JSON_BOOL);
    } else if (is_next(reader, 'f')) {
        value = read_word(reader, "false", JSON_BOOL);
    } else if (is_next(reader, 'n')) {
        value = read_word(reader, "null", JSON_NULL);
    } else {
        value = read_number(reader);
    }
    reader->depth--;
    return value;
}

struct json *json_read(const char *text, size_t length) {
    struct reader reader = {.at = text, .end = text + length};
    struct json *value = read_value(&reader);
    while (reader.at < reader.end && isspace((unsigned char)*reader.at)) {
        reader.at++;
    }
    return reader.at == reader.end ? value : NULL;
}

const struct json *json_part(const struct json *object, const char *name) {
    for (const struct json *part = object->first; part; part = part->next) {
        if (part->name && !strcmp(part->name, name)) {
            return part;
        }
    }
    return NULL;
}

bool json_integer(const struct json *value, uint64_t *number) {
    if (!value || value->kind != JSON_NUMBER || value->text[strspn(value->text, "0123456789")]) {
        return false;
    }
    errno = 0;
    *number = strtoull(value->text, NULL, 10);
    return errno == 0;
}
