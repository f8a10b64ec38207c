/* A disk that fails or is recorded, for the files below one folder: loaded before the C library (LD_PRELOAD).

   FAULTS_FOLDER  the folder, absolute
   FAULTS_LOG     where every open, write, truncation, sync and deletion is recorded, in order
   faults_arm()   from the n-th operation on, so many of them fail with an error number; which: 1 writes, 2 syncs, 4 reads
   faults_seen()  operations of that kind since it was armed */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { WRITES = 1, SYNCS = 2, READS = 4, FILES = 1024, NAMES = 64 };

static int number[FILES]; /* of the file behind a descriptor, from 1 on; 0 for all others */
static char *names[NAMES];
static long first, count, seen;
static int which, failure, journal = -1;

void faults_arm(long from, long many, int error, int kinds) {
    first = from, count = many, failure = error, which = kinds, seen = 0;
}
long faults_seen(void) { return seen; }

static int failing(int kind) {
    if (!(which & kind)) return 0;
    long place = seen++;
    return place >= first && place < first + count;
}

static int known(const char *path) {
    const char *folder = getenv("FAULTS_FOLDER");
    size_t length = folder ? strlen(folder) : 0;
    if (!length || strncmp(path, folder, length) || path[length] != '/') return 0;
    for (int i = 1; i < NAMES; i++) {
        if (!names[i]) names[i] = strdup(path + length + 1);
        if (!strcmp(names[i], path + length + 1)) return i;
    }
    return 0;
}

static void record(char op, int file, uint64_t offset, const void *data, uint32_t length) {
    const char *path = getenv("FAULTS_LOG");
    if (!path || !file) return;
    if (journal < 0) journal = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    struct { char op; uint8_t file; uint64_t offset; uint32_t length; } __attribute__((packed)) head =
        {op, (uint8_t)file, offset, length};
    syscall(SYS_write, journal, &head, sizeof head);
    if (data && length) syscall(SYS_write, journal, data, length);
}

static int file_of(int fd) { return fd >= 0 && fd < FILES ? number[fd] : 0; }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = va_arg(rest, int);
    va_end(rest);
    int fd = REAL(open64)(path, flags, mode), file = known(path);
    if (fd >= 0 && fd < FILES) {
        number[fd] = file;
        record('o', file, 0, names[file], file ? strlen(names[file]) : 0);
    }
    return fd;
}
int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = va_arg(rest, int);
    va_end(rest);
    return open64(path, flags, mode);
}
int close(int fd) {
    if (fd >= 0 && fd < FILES) number[fd] = 0;
    return REAL(close)(fd);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    int file = file_of(fd);
    if (file && failing(WRITES)) return errno = failure, -1;
    ssize_t done = REAL(pwrite64)(fd, data, length, offset);
    if (done > 0) record('w', file, offset, data, done);
    return done;
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite64(fd, data, length, offset); }
ssize_t write(int fd, const void *data, size_t length) {
    int file = file_of(fd);
    if (file && failing(WRITES)) return errno = failure, -1;
    off64_t offset = file ? lseek64(fd, 0, SEEK_CUR) : 0;
    ssize_t done = REAL(write)(fd, data, length);
    if (done > 0) record('w', file, offset, data, done);
    return done;
}
int ftruncate64(int fd, off64_t length) {
    int file = file_of(fd), done;
    if (file && failing(WRITES)) return errno = failure, -1;
    if ((done = REAL(ftruncate64)(fd, length)) == 0) record('t', file, length, NULL, 0);
    return done;
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }
int fsync(int fd) {
    int file = file_of(fd), done;
    if (file && failing(SYNCS)) return errno = failure, -1;
    if ((done = REAL(fsync)(fd)) == 0) record('s', file, 0, NULL, 0);
    return done;
}
int fdatasync(int fd) {
    int file = file_of(fd), done;
    if (file && failing(SYNCS)) return errno = failure, -1;
    if ((done = REAL(fdatasync)(fd)) == 0) record('s', file, 0, NULL, 0);
    return done;
}
int unlink(const char *path) {
    int done = REAL(unlink)(path);
    if (done == 0) record('u', known(path), 0, NULL, 0);
    return done;
}
ssize_t pread64(int fd, void *data, size_t length, off64_t offset) {
    if (file_of(fd) && failing(READS)) return errno = failure, -1;
    return REAL(pread64)(fd, data, length, offset);
}
