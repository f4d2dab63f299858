#!/usr/bin/env python3
"""What system calls on files answer, one line each: run outside and inside, the lines must be the same."""
import errno
import os
import stat
import threading

n = 0


def tell(what, do):
    global n
    n += 1
    try:
        result = do()
    except OSError as e:
        result = errno.errorcode[e.errno]
    print(f"{n} {what}: {result}")


def opened(path, flags, mode=0o666, dir_fd=None):
    fd = os.open(path, flags, mode, dir_fd=dir_fd)
    try:
        got = os.get_blocking(fd), bool(os.get_inheritable(fd)), stat.filemode(os.fstat(fd).st_mode)
    finally:
        os.close(fd)
    return got


def mode(path):
    return stat.filemode(os.lstat(path).st_mode)


def put(path, text="x"):
    with open(path, "w") as f:
        f.write(text)


W, R, C, X, T = os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_EXCL, os.O_TRUNC
here = os.getcwd()
tell("write a missing file", lambda: opened("missing", W))
tell("make", lambda: opened("a", W | C))
tell("make anew", lambda: opened("a", W | C | X))
tell("make with mode", lambda: opened("b", W | C, 0o640))
old = os.umask(0o077)
tell("make with umask 077", lambda: opened("c", W | C, 0o666))
tell("directory with umask 077", lambda: (os.mkdir("d077"), mode("d077"))[1])
os.umask(0)
tell("make with umask 0", lambda: opened("c0", W | C, 0o666))
os.umask(old)
tell("not blocking", lambda: opened("a", W | os.O_NONBLOCK))
tell("append", lambda: opened("a", W | os.O_APPEND))
tell("a directory for writing", lambda: opened(".", W))
tell("the parent", lambda: opened("..", W))
tell("empty path", lambda: opened("", W | C))
tell("slash at the end", lambda: opened("slash/", W | C))
tell("a name too long", lambda: opened("n" * 300, W | C))
tell("a path too long", lambda: opened("d/" * 3000 + "x", W | C))
tell("below a file", lambda: opened("a/x", W | C))
tell("below nothing", lambda: opened("nothing/x", W | C))
tell("as a directory", lambda: opened("a", os.O_RDONLY | os.O_DIRECTORY))
tell("mkdir", lambda: (os.mkdir("d"), mode("d"))[1])
tell("mkdir again", lambda: os.mkdir("d"))
tell("mkdir with slash", lambda: (os.mkdir("d/e/"), mode("d/e"))[1])
tell("mkdir of the project", lambda: os.mkdir(here))
tell("mkdir over a file", lambda: os.mkdir("a"))
tell("symlink", lambda: (os.symlink("a", "l"), os.readlink("l"))[1])
tell("symlink again", lambda: os.symlink("a", "l"))
tell("through a symlink", lambda: opened("l", W))
tell("not through a symlink", lambda: opened("l", W | os.O_NOFOLLOW))
tell("make at a symlink", lambda: opened("l", W | C | X))
tell("dangling symlink", lambda: (os.symlink("d/new", "dangling"), opened("dangling", W | C), mode("d/new"))[2])
tell("absolute symlink", lambda: (os.symlink(here + "/d/abs", "la"), opened("la", W | C), mode("d/abs"))[2])
tell("loop", lambda: (os.symlink("loop", "loop"), opened("loop", W | C)))
tell("symlinked directory", lambda: (os.symlink("d", "ld"), opened("ld/via", W | C), mode("d/via"))[2])
tell("dot dot", lambda: (opened("d/../dd", W | C), mode("dd"))[1])
dirfd = os.open("d", os.O_RDONLY | os.O_DIRECTORY)
tell("at a descriptor", lambda: opened("at", W | C, 0o600, dirfd))
tell("mkdir at a descriptor", lambda: (os.mkdir("atd", dir_fd=dirfd), mode("d/atd"))[1])
tell("at a bad descriptor", lambda: opened("at", W | C, 0o600, 99))
tell("rename", lambda: (os.rename("b", "b2"), mode("b2"))[1])
tell("rename of nothing", lambda: os.rename("nothing", "x"))
tell("rename over", lambda: (put("o1", "1"), put("o2", "2"), os.rename("o1", "o2"), open("o2").read())[3])
tell("rename a directory", lambda: (os.rename("d/e", "moved"), mode("moved"))[1])
tell("rename a directory over a file", lambda: os.rename("moved", "a"))
tell("rename into itself", lambda: os.rename("moved", "moved/in"))
tell("rename between descriptors", lambda: (os.rename("at", "at2", src_dir_fd=dirfd, dst_dir_fd=dirfd), mode("d/at2"))[1])
tell("link", lambda: (os.link("a", "hard"), os.stat("hard").st_nlink)[1])
tell("link again", lambda: os.link("a", "hard"))
tell("link of a symlink", lambda: (os.link("l", "hl", follow_symlinks=False), mode("hl"))[1])
tell("link of a directory", lambda: os.link("d", "hd"))
tell("link of what /proc links to", lambda: os.link("/proc/self/fd/0", "h0"))
tell("truncate", lambda: (put("t", "12345"), os.truncate("t", 2), open("t").read())[2])
tell("truncate nothing", lambda: os.truncate("nothing", 2))
tell("emptied at open", lambda: (put("t2", "12345"), opened("t2", W | T), os.stat("t2").st_size)[2])
tell("read only and emptied", lambda: (put("t3", "12345"), opened("t3", os.O_RDONLY | T), os.stat("t3").st_size)[2])
tell("no right to write", lambda: (put("ro"), os.chmod("ro", 0o444), opened("ro", W))[2])
tell("no right to the directory", lambda: (os.mkdir("rod"), os.chmod("rod", 0o555), opened("rod/x", W | C))[2])
tell("fifo", lambda: (os.mkfifo("fifo"), mode("fifo"))[1])
tell("fifo without a reader", lambda: opened("fifo", W | os.O_NONBLOCK))
tell("device", lambda: os.mknod("dev", stat.S_IFCHR | 0o600, os.makedev(1, 3)))
tell("regular by mknod", lambda: (os.mknod("reg", stat.S_IFREG | 0o600), mode("reg"))[1])


def through_fifo():
    got = []
    reader = threading.Thread(target=lambda: got.append(open("fifo").read()))
    writer = threading.Thread(target=lambda: put("fifo", "through"))
    writer.start()  # it waits for the reader
    reader.start()
    writer.join(10)
    reader.join(10)
    return got


tell("a fifo's two ends", through_fifo)


def unnamed(where):
    fd = os.open(where, os.O_TMPFILE | os.O_RDWR, 0o600)
    try:
        os.write(fd, b"unnamed")
        name = "named" + str(n)
        os.link(f"/proc/self/fd/{fd}", name, src_dir_fd=dirfd, follow_symlinks=True)
        return open(name).read()
    finally:
        os.close(fd)


tell("an unnamed file gets a name", lambda: unnamed("."))
tell("another, by full path", lambda: unnamed(here))


def again(flags):
    fd = os.open("a", os.O_RDONLY)
    try:
        return opened(f"/proc/self/fd/{fd}", flags)
    finally:
        os.close(fd)


tell("opened again through /proc", lambda: again(W))
tell("/dev/null", lambda: opened("/dev/null", W)[0])
tell("/proc/self/comm", lambda: opened("/proc/self/comm", W)[2])
tell("two threads make", lambda: [t.start() or t.join() for t in
                                  [threading.Thread(target=put, args=(f"th{i}",)) for i in range(8)]] and
     sorted(x for x in os.listdir(".") if x.startswith("th")))
tell("what is there", lambda: len(os.listdir(".")))
tell("removed", lambda: (os.unlink("a"), os.rmdir("moved"), os.path.exists("a"))[2])
