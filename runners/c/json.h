// As much JSON as a job has.
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

// A value; its parts are a list. Never freed: there is one job a process.
struct json {
    enum json_kind kind;
    char *name;         // under which it stands in an object
    char *text;         // of a string; of a number as it was written
    struct json *first; // part of an object or an array
    struct json *next;  // part of what it is part of
};

// The value of a text of `length` bytes; NULL where it is not one JSON value in UTF-8.
struct json *json_read(const char *text, size_t length);

// The part of an object that has this name; NULL where there is none.
const struct json *json_part(const struct json *object, const char *name);

// Whether it is a whole number that fits, and which.
bool json_integer(const struct json *value, uint64_t *number);

#endif
