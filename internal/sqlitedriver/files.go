package sqlitedriver

import (
	"slices"
	"sync"
	"syscall"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// files are the database files that this SQLite has open, for synced or for the
// service. An open file of the process that is none of them is another library's.
var files struct {
	sync.Mutex
	open []syscall.RawConn
}

func init() { sqlite3.AutoExtension(opened) }

// opened keeps the file of a new connection, unless it is in memory.
func opened(c *sqlite3.Conn) error {
	if c.Filename("main").String() == "" {
		return nil
	}
	pointer, err := c.FileControl("main", sqlite3.FCNTL_FILE_POINTER)
	if err != nil {
		return nil // it has no file
	}
	for wrapped, ok := pointer.(vfs.FileUnwrap); ok; wrapped, ok = pointer.(vfs.FileUnwrap) {
		pointer = wrapped.Unwrap()
	}
	file, ok := pointer.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return nil
	}
	files.Lock()
	defer files.Unlock()
	files.open = append(slices.DeleteFunc(files.open, func(raw syscall.RawConn) bool {
		return raw.Control(func(uintptr) {}) != nil // closed meanwhile
	}), raw)
	return nil
}

// ownDescriptors returns the file descriptors of files.
func ownDescriptors() map[int]bool {
	own := map[int]bool{}
	files.Lock()
	defer files.Unlock()
	for _, raw := range files.open {
		_ = raw.Control(func(fd uintptr) { own[int(fd)] = true })
	}
	return own
}
