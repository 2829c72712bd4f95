package sqlitedriver

import (
	"fmt"
	"sync"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// SharedError is the error of a file that another SQLite library of this process has
// open. Locks of POSIX belong to the process: when one library closes a connection,
// the locks of all others on the file are gone, and with them what keeps writers
// apart. So the file is not even opened.
type SharedError struct{ Descriptor int }

func (e *SharedError) Error() string {
	return fmt.Sprintf("something else in this process has the file open (file descriptor %d), such as another SQLite library: "+
		"each would undo the locks of the other, and data would be lost; let the service use the same library (sqlite.OpenDB opens a handle for it), "+
		"or give synced a file of its own (docs/adopting.md)", e.Descriptor)
}

// Alone returns a [SharedError] if another library of this process has a file open. It
// knows on Linux and macOS.
func Alone(path string) error {
	if path == "" {
		return nil
	}
	var fd int
	for range 5 {
		var found bool
		if fd, found = other(path); !found {
			return nil
		}
		// It may be a connection of this library that the service just opens: it is
		// known when its pragmas have run. Or one that is just being closed.
		time.Sleep(20 * time.Millisecond)
	}
	return &SharedError{fd}
}

// opening is held from the look for other libraries until the file is open.
var opening sync.Mutex

// open are the connections that are not closed, since another library would lose its
// locks.
var open struct {
	sync.Mutex
	conns []*sqlite3.Conn
}

func keepOpen(c *sqlite3.Conn) {
	open.Lock()
	defer open.Unlock()
	open.conns = append(open.conns, c)
}
