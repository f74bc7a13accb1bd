/* Preloaded into the bot: records what it does to the files of its database, in order.
 *
 * Of each operation one record is appended to POWER_LOSS_LOG, after it has been done: a header, the
 * file's name, and for a write what was written. The harness appends what was acknowledged. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES 1024
#define NAME 64

struct header {
    uint8_t kind; /* W write, T truncate, S sync, U unlink */
    uint8_t name_length;
    uint16_t zero;
    uint32_t length;
    uint64_t offset;
};

static char names[FILES][NAME]; /* of the database's files, by descriptor */
static int log_fd = -1;

#define REAL(result, name, ...)                                                                    \
    static result (*real)(__VA_ARGS__);                                                            \
    if (!real)                                                                                     \
        real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

/* The last part of the path, if the file is part of the database. The index in shared memory is
 * not: it is made anew after a crash. */
static const char *name_of(const char *path) {
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    int is_part = !strcmp(name, "handover.db") || !strcmp(name, "handover.db-wal") ||
                  !strcmp(name, "handover.db-journal");
    return is_part ? name : NULL;
}

static const char *open_name(int fd) {
    return fd >= 0 && fd < FILES && names[fd][0] ? names[fd] : NULL;
}

static void record(char kind, const char *name, uint64_t offset, const void *data, size_t length) {
    int before = errno;
    if (log_fd < 0) {
        static int (*real_open)(const char *, int, ...);
        real_open = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
        log_fd = real_open(getenv("POWER_LOSS_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    }
    struct header header = {kind, strlen(name), 0, length, offset};
    struct iovec parts[] = {
        {&header, sizeof header}, {(void *)name, strlen(name)}, {(void *)data, length}};
    ssize_t whole = sizeof header + strlen(name) + length;
    if (writev(log_fd, parts, 3) != whole)
        abort(); /* half a record would make a lie of all that follow */
    errno = before;
}

static void opened(int fd, const char *path) {
    if (fd < 0 || fd >= FILES)
        return;
    const char *name = name_of(path);
    names[fd][0] = 0;
    if (name)
        strncpy(names[fd], name, NAME - 1);
}

#define OPEN(function)                                                                             \
    int function(const char *path, int flags, ...) {                                               \
        REAL(int, function, const char *, int, ...);                                               \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = va_arg(rest, mode_t);                                                        \
        va_end(rest);                                                                              \
        int fd = real(path, flags, mode);                                                          \
        opened(fd, path);                                                                          \
        return fd;                                                                                 \
    }
OPEN(open)
OPEN(open64)

#define PWRITE(function, offset_type)                                                              \
    ssize_t function(int fd, const void *data, size_t length, offset_type offset) {                \
        REAL(ssize_t, function, int, const void *, size_t, offset_type);                           \
        ssize_t written = real(fd, data, length, offset);                                          \
        if (written > 0 && open_name(fd))                                                          \
            record('W', open_name(fd), offset, data, written);                                     \
        return written;                                                                            \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int fd, const void *data, size_t length) {
    REAL(ssize_t, write, int, const void *, size_t);
    off_t offset = open_name(fd) ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t written = real(fd, data, length);
    if (written > 0 && open_name(fd))
        record('W', open_name(fd), offset, data, written);
    return written;
}

#define TRUNCATE(function, length_type)                                                            \
    int function(int fd, length_type length) {                                                     \
        REAL(int, function, int, length_type);                                                     \
        int result = real(fd, length);                                                             \
        if (result == 0 && open_name(fd))                                                          \
            record('T', open_name(fd), length, "", 0);                                             \
        return result;                                                                             \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(function)                                                                             \
    int function(int fd) {                                                                         \
        REAL(int, function, int);                                                                  \
        int result = real(fd);                                                                     \
        if (result == 0 && open_name(fd))                                                          \
            record('S', open_name(fd), 0, "", 0);                                                  \
        return result;                                                                             \
    }
SYNC(fsync)
SYNC(fdatasync)

int unlink(const char *path) {
    REAL(int, unlink, const char *);
    int result = real(path);
    if (result == 0 && name_of(path))
        record('U', name_of(path), 0, "", 0);
    return result;
}

int close(int fd) {
    REAL(int, close, int);
    if (fd >= 0 && fd < FILES)
        names[fd][0] = 0;
    return real(fd);
}
