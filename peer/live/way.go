package live

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/syncedgo/synced/peer"
)

// way is how far the changes for a peer have come.
type way struct {
	// read is up to where the journal was read, base the position after which the next batch
	// comes, and stored the last that the other side is known to have. What has nothing for
	// the other side is read only.
	read, base, stored int64
	// version is that of the change at base, "" where it is not known.
	version string
	// more reports whether there may be more to read at once, and pieces wait to be sent.
	more   bool
	pieces []message
	// snapshot reports whether pages are sent in the place of changes: the next is at, after
	// one that was sent if turned. Changes after from follow. Cursor is where the other side
	// resumes one that an earlier connection began.
	snapshot, turned bool
	// held reports whether the turn for it is taken.
	held       bool
	at, cursor string
	from       int64
	astray     astray
	// keysKnown is up to which change the other side knows the keys of its rows here, and
	// keysTold up to which it was answered that those of our rows there are known.
	keysKnown, keysTold int64
}

// astray is where the two sides had another idea of how far the changes have come.
type astray struct {
	// backs counts how often the other side expected something else, without progress.
	backs    int
	expected string
	// ahead is the position to which another connection has brought the other side.
	ahead int64
}

// forward goes on where another connection has brought the other side. One that then is behind
// again, twice, has less than it acknowledged.
func (w *way) forward(to int64) error {
	if to == w.astray.ahead && w.astray.backs > 1 {
		return refuse(http.StatusPreconditionFailed, "the peer has changes up to %d, and had them up to %d: its database was restored from an older copy; call NewInstallation on its journal", w.read, to)
	}
	w.astray.ahead, w.read, w.base, w.version, w.more = to, to, to, "", true
	return nil
}

// mostBacks is how often the other side may expect something else without any progress.
const mostBacks = 3

// back resumes where the other side expects.
func (w *way) back(trouble error) error {
	w.pieces, w.more, w.version = nil, true, ""
	var position *peer.PositionError
	var page *pageError
	switch {
	case errors.As(trouble, &position):
		w.read = max(position.Expected, w.stored)
		w.base = w.read
	case errors.As(trouble, &page) && (page.cursor != "" || page.expected == nil):
		w.snapshot, w.turned, w.at, w.cursor = true, false, page.cursor, page.cursor
	case page != nil:
		w.snapshot, w.turned, w.read, w.base = false, false, *page.expected, *page.expected
	}
	w.astray.backs++
	if expected := fmt.Sprint(w.read, w.at); expected != w.astray.expected {
		w.astray.backs, w.astray.expected = 1, expected
	}
	if w.astray.backs > mostBacks {
		return fmt.Errorf("the peer expects the same again, %d times: %w", w.astray.backs, trouble)
	}
	return nil
}
