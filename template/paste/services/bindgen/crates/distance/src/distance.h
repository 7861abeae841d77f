#include <stddef.h>

struct word {
    const char *bytes;
    size_t length;
};

/* The bytes to insert, remove or replace to make one word of the other. SIZE_MAX if there is no memory. */
size_t distance(const struct word *from, const struct word *to);
