/* libical's share of the bench (docs/benchmarks.md): reads or writes a calendar once, after a smaller one
 * as a warm-up, and prints what it took as a line of JSON, as every bench/child_*.py does.
 *
 *   libical_bench read|write FILE WARMUP_FILE
 *   libical_bench version
 */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void forget_peak(void) {
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (file != NULL) {
        fputs("5", file);
        fclose(file);
    }
}

static long peak_rss_kib(void) {
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        sscanf(line, "VmHWM: %ld", &kib);
    if (file != NULL)
        fclose(file);
    return kib;
}

static char *content(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(size + 1);
    if (text == NULL || fread(text, 1, size, file) != size) {
        perror(path);
        exit(1);
    }
    text[size] = '\0';
    fclose(file);
    return text;
}

static long events_in(icalcomponent *calendar) {
    long count = 0;
    icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
    for (; event != NULL; event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT))
        count++;
    return count;
}

/* The CPU seconds of one reading or writing; *events is how many the file holds. */
static double measured(const char *path, int writes, long *events) {
    double begin = cpu_seconds();
    char *text = content(path);
    icalcomponent *calendar = icalparser_parse_string(text);
    double seconds = cpu_seconds() - begin;
    if (calendar == NULL) {
        fprintf(stderr, "%s: not a calendar\n", path);
        exit(1);
    }
    *events = events_in(calendar);
    if (writes) {
        begin = cpu_seconds();
        char *written = icalcomponent_as_ical_string_r(calendar);
        seconds = cpu_seconds() - begin;
        free(written);
    }
    icalcomponent_free(calendar);
    free(text);
    return seconds;
}

int main(int count, char **words) {
    long events = 0;
    if (count == 2 && strcmp(words[1], "version") == 0) {
        printf("%d.%d.%d\n", ICAL_MAJOR_VERSION, ICAL_MINOR_VERSION, ICAL_PATCH_VERSION);
        return 0;
    }
    if (count != 4) {
        fputs("usage: libical_bench read|write FILE WARMUP_FILE\n", stderr);
        return 2;
    }
    icalerror_set_errors_are_fatal(0);
    int writes = strcmp(words[1], "write") == 0;
    measured(words[3], writes, &events);
    forget_peak();
    double seconds = measured(words[2], writes, &events);
    printf("{\"events\": %ld, \"cpu_seconds\": %.6f, \"peak_rss_kib\": %ld}\n", events, seconds, peak_rss_kib());
    return 0;
}
