package journal

import (
	"encoding/json"
	"time"
)

// Change is a change of one row.
type Change struct {
	// Seq is its position in the journal of this installation. Changes stand in an order
	// in which they can be made again, one by one and transaction by transaction.
	Seq int64 `json:"seq"`
	// Tx is the number of its transaction, whose changes follow each other; Last marks
	// the last of them.
	Tx   int64 `json:"tx"`
	Last bool  `json:"last,omitzero"`
	// Origin is the installation in which the change was made first, and OriginSeq its
	// Seq there.
	Origin    string `json:"origin"`
	OriginSeq int64  `json:"origin_seq"`
	// Via is "" of a change that was made here, [ViaRun] of one that a run of synced's
	// made, and else the installation from which it was received, which need not get it
	// again.
	Via string `json:"via,omitempty"`
	// Model is the Name of the table.
	Model string `json:"model"`
	Key   Key    `json:"key"`
	Op    Op     `json:"op"`
	// New is the row after a creation, and Old the row before a deletion. Of an update
	// both have the columns that it changed. Old is nil of an update where it is not
	// known: of a compared table, and on SQLite of a row that REPLACE has replaced. Then
	// New has columns that may be as they were.
	Old Row `json:"old,omitempty"`
	New Row `json:"new,omitempty"`
	// Version is that of the row after the change, and Bases those that the change was
	// made on: none of a creation, and of the first change of a row that was there before
	// its journal; one of other changes; several of the decision of a conflict.
	Version Version   `json:"version"`
	Bases   []Version `json:"bases,omitempty"`
	// At is when the change was made, by the clock of the database, in milliseconds.
	At time.Time `json:"at"`
}

// ViaRun is the Via of changes that a run of synced's made.
const ViaRun = "run"

// Key is the primary key of a row, as the journal writes it: a JSON array of its values, in
// the order of the key. See [Journal.Key] and [Journal.KeyRow].
type Key string

// Row is a row, or some of its columns, in values that mean the same on every database:
//
//   - nil, bool and string
//   - a number is a [json.Number], with all its digits; "Infinity", "-Infinity" and "NaN" are
//     strings
//   - a time is a string in RFC 3339, in UTC with microseconds; a time without a zone counts
//     as UTC; a day is 2006-01-02
//   - bytes are a string in base64
//   - an array, and an object in a column of JSON, are a [json.RawMessage]
//
// All else is the text that the database writes. A null in a column of JSON is nil, as one
// of SQL is.
type Row map[string]any

// UnmarshalJSON reads a row as Marshal writes it.
func (r *Row) UnmarshalJSON(text []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil || raw == nil {
		*r = nil
		return err
	}
	*r = make(Row, len(raw))
	for name, value := range raw {
		v, err := plain(value)
		if err != nil {
			return err
		}
		(*r)[name] = v
	}
	return nil
}
