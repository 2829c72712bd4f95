//go:build unix

package sqlitedriver

import (
	"os"
	"strconv"
	"syscall"
)

// other returns a file descriptor by which something else in this process has the
// file at a path open. It opens no file: closing one would take the locks of others.
func other(path string) (fd int, found bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, false
	}
	file, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	own := ownDescriptors()
	for _, fd := range descriptors() {
		var s syscall.Stat_t
		if syscall.Fstat(fd, &s) == nil && s.Dev == file.Dev && s.Ino == file.Ino && !own[fd] && !harmless(fd) {
			return fd, true
		}
	}
	return 0, false
}

// descriptors lists the file descriptors of this process.
func descriptors() []int {
	folder, err := os.Open("/proc/self/fd")
	if err != nil {
		if folder, err = os.Open("/dev/fd"); err != nil {
			return nil
		}
	}
	defer func() { _ = folder.Close() }()
	names, _ := folder.Readdirnames(-1)
	list := make([]int, 0, len(names))
	for _, name := range names {
		if fd, err := strconv.Atoi(name); err == nil {
			list = append(list, fd)
		}
	}
	return list
}
