/*
 * The power-loss shim: loaded into a process with LD_PRELOAD, it writes down, for every change of a
 * file or name below one directory, what stood there before, and when which file or directory was
 * synced. `lose-power.ts` reads that afterwards and takes back what no sync had covered. It decides
 * nothing itself, but for one thing: it can kill the process at its k-th call.
 *
 *   SLUICE_POWER_ROOT   the directory that is watched; it and its sub-directories are there already
 *   SLUICE_POWER_NOTES  an existing directory, on the same file system, outside of it: gets `undo` (the
 *                       records) and `kept/<inode>` (files that were unlinked or replaced)
 *   SLUICE_POWER_CUT    k: SIGKILL before the k-th call, or -k: right after it (absent: never)
 *
 * A record is written before its call and a DONE record after it, so a process that is killed in
 * between leaves a change that may or may not have happened, which is what it is. LevelDB writes
 * through stdio, whose calls go past the symbols of libc: such a file is only noted with its size when
 * it is opened and when it is synced, since it is append-only. What cannot be followed (a shared
 * writable mapping, copy_file_range, sendfile into a watched file) ends the process with a sentence.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE = 1, RESIZE, CREATE, UNLINK, RENAME, SYNC, STDIO, DONE, START };

/* Little-endian as the host is; then the two paths and the bytes that stood there before. */
struct record {
  uint32_t length, kind;
  uint64_t inode, position, bytes, size;
  uint32_t path_length, other_length, before_length, flag;
};

struct watched {
  uint64_t inode;
  int is_watched, is_durable, appends, is_directory;
};

enum { files_max = 65536 };
static struct watched files[files_max];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *root, *notes;
static size_t root_length;
static int undo = -1;
static uint64_t undo_end;
static long cut_at, call_count;

#define REAL(type, name, ...) \
  static type (*real_##name)(__VA_ARGS__); \
  if (!real_##name) real_##name = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static void end_with(const char *why) {
  dprintf(2, "power-loss shim: %s\n", why);
  abort();
}

static ssize_t raw_write(int fd, const void *bytes, size_t length) {
  REAL(ssize_t, write, int, const void *, size_t);
  return real_write(fd, bytes, length);
}

static int raw_open(const char *path, int flags, mode_t mode) {
  REAL(int, open64, const char *, int, ...);
  return real_open64(path, flags, mode);
}

static void raw_close(int fd) {
  REAL(int, close, int);
  real_close(fd);
}

__attribute__((constructor)) static void begin(void) {
  notes = getenv("SLUICE_POWER_NOTES");
  root = notes ? getenv("SLUICE_POWER_ROOT") : NULL;
  if (root) root_length = strlen(root);
  const char *cut = getenv("SLUICE_POWER_CUT");
  if (cut) cut_at = atol(cut);
}

/* Only now: a process may be started while the one before it still writes records. */
static void open_undo(void) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/undo", notes);
  undo = raw_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (undo < 0) end_with("cannot open its records");
  undo_end = (uint64_t)lseek(undo, 0, SEEK_END);
}

static int is_watched_path(const char *path) {
  if (!root || !path) return 0;
  return strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || !path[root_length]);
}

/* The path that a call names: absolute ones as they are, relative ones by their directory. */
static const char *resolved(int directory, const char *path, char *into) {
  if (!root || !path || path[0] == '/') return path;
  char link[64];
  if (directory == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
  else snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
  ssize_t length = readlink(link, into, PATH_MAX - strlen(path) - 2);
  if (length < 0) return path;
  into[length] = '/';
  strcpy(into + length + 1, path);
  return into;
}

static struct watched *watched(int fd) {
  return fd >= 0 && fd < files_max && files[fd].is_watched ? &files[fd] : NULL;
}

static void cut_when(int is_after) {
  if (!cut_at || call_count != labs(cut_at) || is_after != (cut_at < 0)) return;
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* Writes a record down; the lock is held. Its number is its place among the bytes. */
static uint64_t note(struct record record, const char *path, const char *other, const void *before) {
  if (undo < 0) {
    open_undo();
    note((struct record){.kind = START}, 0, 0, 0);
  }
  record.path_length = path ? (uint32_t)strlen(path) : 0;
  record.other_length = other ? (uint32_t)strlen(other) : 0;
  record.length = sizeof record + record.path_length + record.other_length + record.before_length;
  char *whole = malloc(record.length), *at = whole;
  memcpy(at, &record, sizeof record), at += sizeof record;
  if (path) memcpy(at, path, record.path_length), at += record.path_length;
  if (other) memcpy(at, other, record.other_length), at += record.other_length;
  if (record.before_length) memcpy(at, before, record.before_length);
  if (raw_write(undo, whole, record.length) != (ssize_t)record.length) end_with("cannot write a record");
  free(whole);
  uint64_t number = undo_end;
  undo_end += record.length;
  return number;
}

/* A call that changes or syncs something begins; it may be the one that is cut. */
static uint64_t begins(struct record record, const char *path, const char *other, const void *before) {
  pthread_mutex_lock(&lock);
  call_count++;
  uint64_t number = note(record, path, other, before);
  cut_when(0);
  pthread_mutex_unlock(&lock);
  return number;
}

/* It returned; `is_durable`: what it wrote needs no sync. */
static void ends(uint64_t number, int has_failed, int is_durable) {
  int kept = errno;
  pthread_mutex_lock(&lock);
  cut_when(1);
  note((struct record){.kind = DONE, .position = number, .size = has_failed, .flag = is_durable}, 0, 0, 0);
  pthread_mutex_unlock(&lock);
  errno = kept;
}

static uint64_t inode_of(const char *path) {
  struct stat about;
  return lstat(path, &about) == 0 ? about.st_ino : 0;
}

static uint64_t size_of(int fd) {
  struct stat about;
  return fstat(fd, &about) == 0 ? (uint64_t)about.st_size : 0;
}

/* What stands in a range of a file, whichever way `fd` may be used; the caller frees it. */
static void *before_in(int fd, uint64_t position, uint64_t end, uint32_t *length) {
  *length = 0;
  if (end <= position) return NULL;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int reader = raw_open(path, O_RDONLY | O_CLOEXEC, 0);
  if (reader < 0) end_with("cannot read what a write will replace");
  char *bytes = malloc(end - position);
  while (position + *length < end) {
    ssize_t count = pread(reader, bytes + *length, end - position - *length, (off_t)(position + *length));
    if (count <= 0) break;
    *length += (uint32_t)count;
  }
  raw_close(reader);
  return bytes;
}

/* Keeps a file that is about to lose its name. */
static void keep(const char *path, uint64_t inode) {
  char kept[PATH_MAX];
  snprintf(kept, sizeof kept, "%s/kept/%llu", notes, (unsigned long long)inode);
  if (link(path, kept) != 0 && errno != EEXIST) end_with("cannot keep a file");
}

/* ---- opening and closing ---- */

static void remember(int fd, int flags, int is_stdio) {
  struct stat about;
  if (fd < 0 || fd >= files_max || fstat(fd, &about) != 0) return;
  files[fd] = (struct watched){
    .inode = about.st_ino,
    .is_watched = 1,
    .is_durable = !is_stdio && (flags & O_DSYNC) != 0,
    .appends = (flags & O_APPEND) != 0,
    .is_directory = S_ISDIR(about.st_mode),
  };
}

static void forget(int fd) {
  if (fd >= 0 && fd < files_max) files[fd].is_watched = 0;
}

static void note_resize(int fd, uint64_t inode, uint64_t size, uint64_t *number) {
  uint64_t had = size_of(fd);
  struct record record = {.kind = RESIZE, .inode = inode, .position = size, .size = had};
  void *before = before_in(fd, size, had, &record.before_length);
  *number = begins(record, 0, 0, before);
  free(before);
}

static void note_emptying(const char *path, uint64_t inode, uint64_t *number) {
  int reader = raw_open(path, O_RDONLY | O_CLOEXEC, 0);
  if (reader < 0) return;
  note_resize(reader, inode, 0, number);
  raw_close(reader);
}

static int open_watched(const char *path, int flags, mode_t mode) {
  uint64_t inode = inode_of(path), number = 0;
  int is_new = !inode && (flags & O_CREAT), empties = inode && (flags & O_TRUNC);
  if (is_new) number = begins((struct record){.kind = CREATE}, path, 0, 0);
  if (empties) note_emptying(path, inode, &number);
  int fd = raw_open(path, flags, mode);
  if (is_new && fd >= 0) {
    pthread_mutex_lock(&lock);
    note((struct record){.kind = CREATE, .inode = inode_of(path), .position = number, .flag = 1}, path, 0, 0);
    pthread_mutex_unlock(&lock);
  }
  if (is_new || empties) ends(number, fd < 0, 0);
  if (fd >= 0) remember(fd, flags, 0);
  return fd;
}

static int opened(int directory, const char *path, int flags, mode_t mode) {
  char into[PATH_MAX];
  const char *whole = resolved(directory, path, into);
  if (is_watched_path(whole)) return open_watched(whole, flags, mode);
  REAL(int, openat64, int, const char *, int, ...);
  return real_openat64(directory, path, flags, mode);
}

static mode_t mode_in(int flags, va_list list) {
  return flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, mode_t) : 0;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list list; \
    va_start(list, flags); \
    mode_t mode = mode_in(flags, list); \
    va_end(list); \
    return opened(AT_FDCWD, path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
  int name(int directory, const char *path, int flags, ...) { \
    va_list list; \
    va_start(list, flags); \
    mode_t mode = mode_in(flags, list); \
    va_end(list); \
    return opened(directory, path, flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)

int creat(const char *path, mode_t mode) {
  return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char *path, mode_t mode) {
  return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

static FILE *open_stream(const char *path, const char *how) {
  REAL(FILE *, fopen64, const char *, const char *);
  char into[PATH_MAX];
  const char *whole = resolved(AT_FDCWD, path, into);
  if (!is_watched_path(whole) || (how[0] == 'r' && !strchr(how, '+'))) return real_fopen64(path, how);
  int is_emptied = how[0] == 'w';
  int fd = open_watched(whole, O_RDWR | (how[0] == 'r' ? 0 : O_CREAT) | (is_emptied ? O_TRUNC : 0), 0666);
  if (fd < 0) return NULL;
  raw_close(fd);
  forget(fd);
  FILE *stream = real_fopen64(path, is_emptied ? "r+" : how);
  if (!stream) return NULL;
  remember(fileno(stream), 0, 1);
  struct watched *file = watched(fileno(stream));
  pthread_mutex_lock(&lock);
  if (file)
    note((struct record){.kind = STDIO, .inode = file->inode, .size = size_of(fileno(stream))}, whole, 0, 0);
  pthread_mutex_unlock(&lock);
  return stream;
}

FILE *fopen(const char *path, const char *how) { return open_stream(path, how); }
FILE *fopen64(const char *path, const char *how) { return open_stream(path, how); }

int close(int fd) {
  REAL(int, close, int);
  forget(fd);
  return real_close(fd);
}

int fclose(FILE *stream) {
  REAL(int, fclose, FILE *);
  if (stream) forget(fileno(stream));
  return real_fclose(stream);
}

/* ---- bytes ---- */

static uint64_t note_write(int fd, struct watched *file, off_t position, size_t length) {
  uint64_t size = size_of(fd), at = position >= 0 ? (uint64_t)position : 0;
  if (position < 0) at = file->appends ? size : (uint64_t)lseek(fd, 0, SEEK_CUR);
  struct record record = {.kind = WRITE, .inode = file->inode, .position = at, .bytes = length, .size = size};
  void *before = before_in(fd, at, at + length < size ? at + length : size, &record.before_length);
  uint64_t number = begins(record, 0, 0, before);
  free(before);
  return number;
}

static size_t bytes_in(const struct iovec *slices, int count) {
  size_t bytes = 0;
  for (int index = 0; index < count; index++) bytes += slices[index].iov_len;
  return bytes;
}

/* Notes the write of `length` bytes at `position` (-1: where the file stands), then makes `call`. */
#define WRITTEN(fd, position, length, durable, call) \
  struct watched *file = watched(fd); \
  if (!file) return call; \
  uint64_t number = note_write(fd, file, position, length); \
  int is_durable = file->is_durable || (durable); \
  ssize_t count = call; \
  ends(number, count < 0, is_durable); \
  return count

ssize_t write(int fd, const void *bytes, size_t length) {
  WRITTEN(fd, -1, length, 0, raw_write(fd, bytes, length));
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t position) {
  REAL(ssize_t, pwrite64, int, const void *, size_t, off_t);
  WRITTEN(fd, position, length, 0, real_pwrite64(fd, bytes, length, position));
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t position) {
  REAL(ssize_t, pwrite64, int, const void *, size_t, off_t);
  WRITTEN(fd, position, length, 0, real_pwrite64(fd, bytes, length, position));
}

ssize_t writev(int fd, const struct iovec *slices, int count_of) {
  REAL(ssize_t, writev, int, const struct iovec *, int);
  WRITTEN(fd, -1, bytes_in(slices, count_of), 0, real_writev(fd, slices, count_of));
}

ssize_t pwritev(int fd, const struct iovec *slices, int count_of, off_t position) {
  REAL(ssize_t, pwritev64, int, const struct iovec *, int, off_t);
  WRITTEN(fd, position, bytes_in(slices, count_of), 0, real_pwritev64(fd, slices, count_of, position));
}
ssize_t pwritev64(int fd, const struct iovec *slices, int count_of, off_t position) {
  REAL(ssize_t, pwritev64, int, const struct iovec *, int, off_t);
  WRITTEN(fd, position, bytes_in(slices, count_of), 0, real_pwritev64(fd, slices, count_of, position));
}
ssize_t pwritev2(int fd, const struct iovec *slices, int count_of, off_t position, int flags) {
  REAL(ssize_t, pwritev64v2, int, const struct iovec *, int, off_t, int);
  WRITTEN(fd, position, bytes_in(slices, count_of), flags & (RWF_DSYNC | RWF_SYNC),
          real_pwritev64v2(fd, slices, count_of, position, flags));
}
ssize_t pwritev64v2(int fd, const struct iovec *slices, int count_of, off_t position, int flags) {
  return pwritev2(fd, slices, count_of, position, flags);
}

static int resized(int fd, off_t length) {
  REAL(int, ftruncate64, int, off_t);
  struct watched *file = watched(fd);
  if (!file) return real_ftruncate64(fd, length);
  uint64_t number;
  note_resize(fd, file->inode, (uint64_t)length, &number);
  int result = real_ftruncate64(fd, length);
  ends(number, result < 0, 0);
  return result;
}

int ftruncate(int fd, off_t length) { return resized(fd, length); }
int ftruncate64(int fd, off_t length) { return resized(fd, length); }

static int resized_by_name(const char *path, off_t length) {
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return -1;
  int result = resized(fd, length), kept = errno;
  close(fd);
  errno = kept;
  return result;
}

int truncate(const char *path, off_t length) { return resized_by_name(path, length); }
int truncate64(const char *path, off_t length) { return resized_by_name(path, length); }

/* Only what makes a file longer is used here; anything else would have to be followed. */
static int allocated(int fd, int how, off_t position, off_t length) {
  REAL(int, fallocate64, int, int, off_t, off_t);
  struct watched *file = watched(fd);
  if (!file) return real_fallocate64(fd, how, position, length);
  if (how & ~FALLOC_FL_KEEP_SIZE) end_with("a fallocate that changes bytes");
  uint64_t size = size_of(fd), end = (uint64_t)(position + length), number;
  note_resize(fd, file->inode, how || end < size ? size : end, &number);
  int result = real_fallocate64(fd, how, position, length);
  ends(number, result < 0, 0);
  return result;
}

int fallocate(int fd, int how, off_t position, off_t length) { return allocated(fd, how, position, length); }
int fallocate64(int fd, int how, off_t position, off_t length) { return allocated(fd, how, position, length); }
int posix_fallocate(int fd, off_t position, off_t length) {
  return allocated(fd, 0, position, length) < 0 ? errno : 0;
}
int posix_fallocate64(int fd, off_t position, off_t length) {
  return allocated(fd, 0, position, length) < 0 ? errno : 0;
}

/* ---- syncs ---- */

#define SYNCED(name) \
  int name(int fd) { \
    REAL(int, name, int); \
    struct watched *file = watched(fd); \
    if (!file) return real_##name(fd); \
    struct record record = {.kind = SYNC, .inode = file->inode, .size = size_of(fd), .flag = file->is_directory}; \
    uint64_t number = begins(record, 0, 0, 0); \
    int result = real_##name(fd); \
    ends(number, result < 0, 0); \
    return result; \
  }
SYNCED(fsync)
SYNCED(fdatasync)

/* ---- names ---- */

static int unlinked(int directory, const char *path, int flags) {
  REAL(int, unlinkat, int, const char *, int);
  char into[PATH_MAX];
  const char *whole = resolved(directory, path, into);
  uint64_t inode = is_watched_path(whole) ? inode_of(whole) : 0;
  if (!inode) return real_unlinkat(directory, path, flags);
  if (flags & AT_REMOVEDIR) end_with("a directory is removed");
  keep(whole, inode);
  uint64_t number = begins((struct record){.kind = UNLINK, .inode = inode}, whole, 0, 0);
  int result = real_unlinkat(directory, path, flags);
  ends(number, result < 0, 0);
  return result;
}

int unlink(const char *path) { return unlinked(AT_FDCWD, path, 0); }
int unlinkat(int directory, const char *path, int flags) { return unlinked(directory, path, flags); }
int remove(const char *path) {
  REAL(int, remove, const char *);
  return is_watched_path(path) ? unlinked(AT_FDCWD, path, 0) : real_remove(path);
}

static int renamed(int directory, const char *from, int other, const char *to) {
  REAL(int, renameat, int, const char *, int, const char *);
  char into[PATH_MAX], onto[PATH_MAX];
  const char *whole = resolved(directory, from, into), *target = resolved(other, to, onto);
  uint64_t inode = is_watched_path(whole) ? inode_of(whole) : 0;
  if (!inode) return real_renameat(directory, from, other, to);
  uint64_t replaced = inode_of(target);
  if (replaced) keep(target, replaced);
  uint64_t number = begins((struct record){.kind = RENAME, .inode = inode, .position = replaced}, whole, target, 0);
  int result = real_renameat(directory, from, other, to);
  ends(number, result < 0, 0);
  return result;
}

int rename(const char *from, const char *to) { return renamed(AT_FDCWD, from, AT_FDCWD, to); }
int renameat(int directory, const char *from, int other, const char *to) {
  return renamed(directory, from, other, to);
}

/* ---- what cannot be followed ---- */

int mkdir(const char *path, mode_t mode) {
  REAL(int, mkdir, const char *, mode_t);
  if (is_watched_path(path) && !inode_of(path)) end_with("a directory is made");
  return real_mkdir(path, mode);
}

static void *mapped(void *at, size_t length, int rights, int flags, int fd, off_t position) {
  REAL(void *, mmap64, void *, size_t, int, int, int, off_t);
  if ((rights & PROT_WRITE) && (flags & MAP_SHARED) && watched(fd)) end_with("a writable mapping");
  return real_mmap64(at, length, rights, flags, fd, position);
}

void *mmap(void *at, size_t length, int rights, int flags, int fd, off_t position) {
  return mapped(at, length, rights, flags, fd, position);
}
void *mmap64(void *at, size_t length, int rights, int flags, int fd, off_t position) {
  return mapped(at, length, rights, flags, fd, position);
}

ssize_t copy_file_range(int from, off_t *from_at, int to, off_t *to_at, size_t length, unsigned flags) {
  REAL(ssize_t, copy_file_range, int, off_t *, int, off_t *, size_t, unsigned);
  if (watched(to)) end_with("a copied range");
  return real_copy_file_range(from, from_at, to, to_at, length, flags);
}

ssize_t sendfile64(int to, int from, off_t *position, size_t length) {
  REAL(ssize_t, sendfile64, int, int, off_t *, size_t);
  if (watched(to)) end_with("a sendfile into a file");
  return real_sendfile64(to, from, position, length);
}
ssize_t sendfile(int to, int from, off_t *position, size_t length) {
  return sendfile64(to, from, position, length);
}
