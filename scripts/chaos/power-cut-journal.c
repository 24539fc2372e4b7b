/* Preloaded into the server: notes, in order, what it writes to and syncs of its database, so that power-cut.ts can
   build the disk as it would stand after a power cut at any moment. One record: op, file, offset, length, bytes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FD 4096
enum { WRITE = 1, TRUNCATE = 2, SYNC = 3 };

static unsigned char file_of[MAX_FD]; /* 0: not ours, 1: the database, 2: its write-ahead log */
static int journal = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int is_ours(int fd) { return fd >= 0 && fd < MAX_FD && file_of[fd] != 0; }

static void note(int op, int fd, uint64_t offset, const void *bytes, uint32_t length) {
  struct __attribute__((packed)) { uint8_t op, file; uint64_t offset; uint32_t length; } head = {op, file_of[fd], offset, length};
  struct iovec parts[2] = {{&head, sizeof head}, {(void *)bytes, op == WRITE ? length : 0}};
  pthread_mutex_lock(&lock);
  if (writev(journal, parts, 2) < 0) abort();
  pthread_mutex_unlock(&lock);
}

static void opened(int fd, const char *path) {
  const char *database = getenv("QGJOB_CUT_DATABASE");
  if (!database || fd < 0 || fd >= MAX_FD) return;
  size_t length = strlen(database);
  if (strncmp(path, database, length) != 0) return;
  int file = path[length] == 0 ? 1 : strcmp(path + length, "-wal") == 0 ? 2 : 0;
  if (file == 0) return;
  if (journal < 0) journal = REAL(open)(getenv("QGJOB_CUT_JOURNAL"), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (journal < 0) abort();
  file_of[fd] = file;
}

#define OPEN(name)                                                   \
  int name(const char *path, int flags, ...) {                       \
    va_list rest;                                                    \
    va_start(rest, flags);                                           \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                    \
    int fd = REAL(name)(path, flags, mode);                          \
    opened(fd, path);                                                \
    return fd;                                                       \
  }
OPEN(open)
OPEN(open64)

int close(int fd) {
  if (is_ours(fd)) file_of[fd] = 0;
  return REAL(close)(fd);
}

#define PWRITE(name)                                                       \
  ssize_t name(int fd, const void *bytes, size_t length, off64_t offset) { \
    ssize_t done = REAL(name)(fd, bytes, length, offset);                  \
    if (done > 0 && is_ours(fd)) note(WRITE, fd, offset, bytes, done);     \
    return done;                                                           \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t write(int fd, const void *bytes, size_t length) {
  /* SQLite writes at offsets only; anything else would be missing from the journal */
  if (is_ours(fd)) abort();
  return REAL(write)(fd, bytes, length);
}

#define TRUNCATE_FILE(name)                                          \
  int name(int fd, off64_t length) {                                 \
    int failed = REAL(name)(fd, length);                             \
    if (!failed && is_ours(fd)) note(TRUNCATE, fd, length, NULL, 0); \
    return failed;                                                   \
  }
TRUNCATE_FILE(ftruncate)
TRUNCATE_FILE(ftruncate64)

#define SYNC_FILE(name)                                   \
  int name(int fd) {                                      \
    int failed = REAL(name)(fd);                          \
    if (!failed && is_ours(fd)) note(SYNC, fd, 0, NULL, 0); \
    return failed;                                        \
  }
SYNC_FILE(fsync)
SYNC_FILE(fdatasync)
