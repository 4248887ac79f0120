// A disk that takes its time: loaded before the C library, it makes every sync wait for SYNC_DELAY
// milliseconds more.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int after_delay(long call, int file) {
    const char *text = getenv("SYNC_DELAY");
    long delay = text == NULL ? 0 : strtol(text, NULL, 10);
    struct timespec rest = {delay / 1000, delay % 1000 * 1000000};
    while (nanosleep(&rest, &rest) != 0) {
    }
    return (int)syscall(call, file);
}

int fsync(int file) { return after_delay(SYS_fsync, file); }

int fdatasync(int file) { return after_delay(SYS_fdatasync, file); }
