package upload

import (
	"encoding/json"
	"time"
)

// settling is how long rows may still come to have the value that was read last, or change
// and keep it. Many clocks have seconds, so that two changes have one time.
const settling = time.Minute

// notedTo is how far changes were read. Times are in milliseconds since 1970.
type notedTo struct {
	Value string `json:"value"` // of the column
	// Key is that of the last row that was read. Without one, all rows that have the value are
	// read.
	Key json.RawMessage `json:"key,omitempty"`
	// Since is when the value was read first, and Began when this reading began; 0 where the last
	// one reached its end.
	Since int64 `json:"since"`
	Began int64 `json:"began,omitempty"`
	// Settled reports whether a reading that began late enough has found no greater value.
	Settled bool `json:"settled,omitempty"`
}

// begin begins a reading, unless one goes on. Rows that have the last value are read once more,
// until it is settled.
func (n *notedTo) begin(at int64) {
	if n.Began != 0 {
		return
	}
	n.Began = at
	if !n.Settled {
		n.Key = nil
	}
}

// reach notes what was read from one position on, and whether that was all.
func (n *notedTo) reach(from notedTo, at int64, end bool) {
	if n.Value != from.Value {
		n.Since, n.Settled = at, false
	}
	if end {
		n.Settled, n.Began = n.Settled || n.Began-n.Since >= settling.Milliseconds(), 0
	}
}

func now() int64 { return time.Now().UnixMilli() }
