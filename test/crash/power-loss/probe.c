/*
 * Changes one file, or its name, with one call, so that a test can see that the shim knows the call:
 * probe CALL FILE OTHER, with `CALL+sync` syncing the file or, for names, its directory afterwards.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static char bytes[8192];
static struct iovec slices[2] = {{bytes, 3000}, {bytes + 3000, 3000}};

static void check(long result) {
  if (result >= 0) return;
  perror("probe");
  exit(1);
}

static void sync_directory(const char *file) {
  char copy[4096];
  strncpy(copy, file, sizeof copy - 1);
  int directory = open(dirname(copy), O_RDONLY);
  check(directory);
  check(fsync(directory));
  check(close(directory));
}

static const char *const calls_on_bytes =
  " write append pwrite dsync writev pwritev pwritev2 pwritev2-dsync ftruncate truncate longer fallocate "
  "posix_fallocate empty ";

static int is_on_bytes(const char *call) {
  char word[80];
  snprintf(word, sizeof word, " %s ", call);
  return strstr(calls_on_bytes, word) != NULL;
}

static int change_bytes(const char *call, const char *file, int syncs) {
  if (!is_on_bytes(call)) return 0;
  int flags = O_RDWR | (strcmp(call, "append") == 0 ? O_APPEND : 0) | (strcmp(call, "dsync") == 0 ? O_DSYNC : 0);
  int fd = open(file, flags | (strcmp(call, "empty") == 0 ? O_TRUNC : 0));
  check(fd);
  if (strcmp(call, "write") == 0 || strcmp(call, "append") == 0) check(write(fd, bytes, 6000));
  else if (strcmp(call, "pwrite") == 0 || strcmp(call, "dsync") == 0) check(pwrite(fd, bytes, 6000, 3000));
  else if (strcmp(call, "writev") == 0) check(writev(fd, slices, 2));
  else if (strcmp(call, "pwritev") == 0) check(pwritev(fd, slices, 2, 3000));
  else if (strcmp(call, "pwritev2") == 0) check(pwritev2(fd, slices, 2, 3000, 0));
  else if (strcmp(call, "pwritev2-dsync") == 0) check(pwritev2(fd, slices, 2, 3000, RWF_DSYNC));
  else if (strcmp(call, "ftruncate") == 0) check(ftruncate(fd, 1000));
  else if (strcmp(call, "truncate") == 0) check(truncate(file, 1000));
  else if (strcmp(call, "longer") == 0) check(ftruncate(fd, 20000));
  else if (strcmp(call, "fallocate") == 0) check(fallocate(fd, 0, 0, 20000));
  else if (strcmp(call, "posix_fallocate") == 0) check(-posix_fallocate(fd, 0, 20000));
  if (syncs) check(fdatasync(fd));
  check(close(fd));
  return 1;
}

static int write_stream(const char *call, const char *file, int syncs) {
  if (strcmp(call, "stdio") != 0 && strcmp(call, "stdio-new") != 0) return 0;
  FILE *stream = fopen(file, strcmp(call, "stdio") == 0 ? "a" : "w");
  if (!stream) check(-1);
  check(fwrite_unlocked(bytes, 1, 6000, stream) == 6000 ? 0 : -1);
  check(fflush_unlocked(stream));
  if (syncs) check(fdatasync(fileno(stream)));
  check(fclose(stream));
  if (syncs && strcmp(call, "stdio-new") == 0) sync_directory(file);
  return 1;
}

static int change_names(const char *call, const char *file, const char *other) {
  if (strcmp(call, "open") == 0) check(open(file, O_CREAT | O_RDWR, 0600));
  else if (strcmp(call, "openat") == 0) check(openat(AT_FDCWD, file, O_CREAT | O_RDWR, 0600));
  else if (strcmp(call, "creat") == 0) check(creat(file, 0600));
  else if (strcmp(call, "unlink") == 0) check(unlink(file));
  else if (strcmp(call, "unlinkat") == 0) check(unlinkat(AT_FDCWD, file, 0));
  else if (strcmp(call, "remove") == 0) check(remove(file));
  else if (strcmp(call, "rename") == 0) check(rename(file, other));
  else if (strcmp(call, "renameat") == 0) check(renameat(AT_FDCWD, file, AT_FDCWD, other));
  else return 0;
  return 1;
}

int main(int count, char **words) {
  if (count != 4) return 2;
  memset(bytes, 'b', sizeof bytes);
  char call[64];
  strncpy(call, words[1], sizeof call - 1);
  char *plus = strchr(call, '+');
  if (plus) *plus = 0;
  if (change_bytes(call, words[2], plus != NULL)) return 0;
  if (write_stream(call, words[2], plus != NULL)) return 0;
  if (!change_names(call, words[2], words[3])) return 2;
  if (plus) sync_directory(words[2]);
  return 0;
}
