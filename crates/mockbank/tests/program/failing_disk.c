// A disk that fails on demand: loaded before the C library, it refuses to write or to make durable
// while the file named in FAILING_DISK, with ".write" or ".sync" behind it, is there.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static int fails(const char *how) {
    const char *disk = getenv("FAILING_DISK");
    char path[4096];
    if (disk == NULL) return 0;
    snprintf(path, sizeof path, "%s.%s", disk, how);
    return access(path, F_OK) == 0;
}

static int refuse(int why) {
    errno = why;
    return -1;
}

int fsync(int file) { return fails("sync") ? refuse(EIO) : (int)syscall(SYS_fsync, file); }

int fdatasync(int file) { return fails("sync") ? refuse(EIO) : (int)syscall(SYS_fdatasync, file); }

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    return fails("write") ? refuse(ENOSPC) : syscall(SYS_pwrite64, file, bytes, count, at);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    return pwrite64(file, bytes, count, at);
}
