#include "distance.h"

#include <stdint.h>
#include <stdlib.h>

static size_t least(size_t a, size_t b, size_t c) {
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

size_t distance(const struct word *from, const struct word *to) {
    /* A row of Levenshtein's table. */
    size_t *row = malloc((to->length + 1) * sizeof *row);
    if (!row)
        return SIZE_MAX;
    for (size_t j = 0; j <= to->length; j++)
        row[j] = j;
    for (size_t i = 0; i < from->length; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < to->length; j++) {
            size_t replaced = diagonal + (from->bytes[i] != to->bytes[j]);
            diagonal = row[j + 1];
            row[j + 1] = least(row[j] + 1, diagonal + 1, replaced);
        }
    }
    size_t result = row[to->length];
    free(row);
    return result;
}
