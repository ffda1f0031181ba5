# What programs do to files: unlinked while open, times in nanoseconds, links, renames, offsets, errors.
import errno
import os
import stat


def refused(what, *arguments):
    try:
        what(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"


# A file that has no name any more is read and written until it is closed.
with open("gone", "w+b") as file:
    file.write(bytes(range(256)) * 1024)
    os.unlink("gone")
    print(os.path.exists("gone"), os.listdir("."))
    file.seek(1000)
    print(file.read(8).hex())
    file.seek(0, os.SEEK_END)
    file.write(b"the end")
    file.seek(-10, os.SEEK_END)
    print(file.read(), os.fstat(file.fileno()).st_size, os.fstat(file.fileno()).st_nlink)
    # Its name belongs to another one now.
    with open("gone", "wb") as other:
        other.write(b"other")
    file.seek(0)
    print(file.read(4), open("gone", "rb").read())
os.unlink("gone")

# Times, to the nanosecond, of a path and of a descriptor, before 2001 and after 2038.
open("times", "w").close()
for access, change in [(1, 2), (1_000_000_007, 999_999_999_999_999_999), (2_500_000_000_123_456_789, 3_000_000_000_000_000_001)]:
    os.utime("times", ns=(access, change))
    told = os.stat("times")
    print(told.st_atime_ns == access, told.st_mtime_ns == change)
descriptor = os.open("times", os.O_RDWR)
os.utime(descriptor, ns=(11, 22))
print(os.fstat(descriptor).st_atime_ns, os.fstat(descriptor).st_mtime_ns)
os.close(descriptor)
os.utime("times")
print(os.stat("times").st_mtime_ns > 1_500_000_000_000_000_000)
os.utime("times", (100.5, 200.25))
print(os.stat("times").st_atime_ns, os.stat("times").st_mtime_ns)

# Symbolic links: relative, over a directory, dangling, in a circle; their own times.
os.mkdir("d")
open("d/file", "w").write("text")
os.symlink("d/file", "link")
os.symlink("d", "dlink")
os.symlink("nowhere", "dangling")
os.symlink("b", "a")
os.symlink("a", "b")
os.utime("link", ns=(5, 6), follow_symlinks=False)
print(os.readlink("link"), open("link").read(), open("dlink/file").read(), os.lstat("link").st_mtime_ns)
print(os.path.islink("dangling"), os.path.exists("dangling"), stat.S_ISLNK(os.lstat("a").st_mode))
print(refused(open, "a"), refused(open, "dangling"), refused(os.readlink, "d/file"), refused(os.rmdir, "dlink"))
print(os.path.samefile("link", "d/file"), os.lstat("dlink").st_ino != os.stat("dlink").st_ino)
open("dangling", "w").write("made")
print(open("nowhere").read())

# Hard links.
os.link("d/file", "hard")
print(os.stat("hard").st_nlink, os.path.samefile("hard", "d/file"))
os.unlink("d/file")
print(open("hard").read(), os.stat("hard").st_nlink, os.path.exists("link"))

# Renames: over a file, over an empty directory, into itself, over a full one.
open("one", "w").write("1")
open("two", "w").write("2")
os.rename("one", "two")
print(open("two").read(), os.path.exists("one"))
os.makedirs("e/f")
os.mkdir("empty")
os.rename("e", "empty")
print(os.listdir("empty"))
print(refused(os.rename, "empty", "empty/f/g"), refused(os.rename, "d", "empty"), refused(os.rename, "two", "d"), refused(os.rename, "d", "two"))
print(refused(os.rename, "missing", "x"), refused(os.rmdir, "empty"), refused(os.mkdir, "d"), refused(os.unlink, "missing"))
print(refused(open, "two/x"), refused(os.listdir, "two"), refused(open, "x" * 256, "w"), refused(os.open, "two", os.O_RDONLY | os.O_CREAT | os.O_EXCL))
os.replace("two", "three")
print(open("three").read())

# Offsets: holes, cuts, appends, reads and writes at a place, two descriptors of one file.
with open("holes", "w+b", buffering=0) as file:
    file.seek(100_000)
    file.write(b"x")
    print(os.stat("holes").st_size, os.pread(file.fileno(), 3, 99_998), os.pread(file.fileno(), 10, 100_001))
    os.pwrite(file.fileno(), b"yz", 50_000)
    file.truncate(50_001)
    print(file.tell(), os.pread(file.fileno(), 4, 49_999))
    file.truncate(50_004)
    print(os.pread(file.fileno(), 9, 49_999))
with open("log", "ab", buffering=0) as first, open("log", "ab", buffering=0) as second:
    for number in range(3):
        first.write(b"a%d" % number)
        second.write(b"b%d" % number)
print(open("log").read())
with open("log", "r+b", buffering=0) as file:
    print(file.readinto(bytearray(4)), file.seek(2, os.SEEK_CUR), file.read(3), file.seek(0, os.SEEK_END))
    print(refused(file.seek, -1), refused(os.ftruncate, file.fileno(), -1), refused(os.listdir, "log"))
    os.fsync(file.fileno())
    os.fdatasync(file.fileno())
closed = os.open("log", os.O_RDONLY)
print(refused(os.write, closed, b"x"))
os.close(closed)
print(refused(os.read, closed, 1), refused(os.close, 1 << 20))

# A megabyte in writes of odd lengths, and back.
import hashlib

text = hashlib.sha256(b"seed").digest() * 40_000
with open("big", "wb") as file:
    at = 0
    step = 1
    while at < len(text):
        at += file.write(text[at : at + step])
        step = step * 3 % 65_537
print(hashlib.sha256(open("big", "rb").read()).hexdigest() == hashlib.sha256(text).hexdigest(), os.stat("big").st_size)
