package peer

import (
	"errors"
	"fmt"
	"time"

	"github.com/syncedgo/synced/journal"
	"github.com/syncedgo/synced/remote"
)

// Change is a change of one row on its way between peers.
type Change struct {
	// Seq is the position in the journal of the peer that sends it, and Last marks the last
	// change of a transaction.
	Seq  int64 `json:"seq"`
	Last bool  `json:"last,omitzero"`
	// Origin is the GUID of the installation that made the change, and OriginSeq its position
	// in the journal there.
	Origin    string `json:"origin"`
	OriginSeq int64  `json:"origin_seq"`
	// Model is the model's name, and Row the row's.
	Model string `json:"model"`
	Row   Name   `json:"row"`
	// Op is "create", "update", "delete", or "forget": the peer may no longer see the row.
	Op string `json:"op"`
	// Old and New are values by columns: all of New for a create, all of Old for a delete, and
	// of an update what changed. New is the whole row where the change decides a conflict,
	// so has several Bases. Columns that refer to rows are not among them, but in Rows.
	Old map[string]remote.Value `json:"old,omitempty"`
	New map[string]remote.Value `json:"new,omitempty"`
	// Rows are the rows that columns of Old and New refer to.
	Rows Rows `json:"rows,omitzero"`
	// Version is that of the row after the change, and Bases are those that it was made on.
	Version string   `json:"version"`
	Bases   []string `json:"bases,omitempty"`
	// Disputed marks a row of a snapshot about which both sides are in conflict.
	Disputed bool `json:"disputed,omitzero"`
	// At is when the change was made, by the clock of who made it.
	At time.Time `json:"at"`
}

// Rows are the names of rows that columns refer to.
type Rows struct {
	Old map[string]Name `json:"old,omitempty"`
	New map[string]Name `json:"new,omitempty"`
}

// IsZero reports whether there are none.
func (r Rows) IsZero() bool { return len(r.Old)+len(r.New) == 0 }

// The operations of a change.
const (
	create = "create"
	update = "update"
	remove = "delete"
	forget = "forget"
)

// What a change may have at most.
const (
	mostColumns = 2000 // PostgreSQL has at most 1600
	mostBases   = 64
	longestName = 255
)

// check returns what is wrong with a change that a peer sent. What its values are worth is
// told when they are written.
func (c *Change) check() error {
	switch {
	case c.Seq <= 0:
		return fmt.Errorf("its position is %d", c.Seq)
	case c.Model == "" || len(c.Model) > longestName:
		return fmt.Errorf("the name of its model has %d bytes", len(c.Model))
	case c.Origin == "" || len(c.Origin) > longestName:
		return fmt.Errorf("the name of its origin has %d bytes", len(c.Origin))
	case c.Op != create && c.Op != update && c.Op != remove && c.Op != forget:
		return fmt.Errorf("%.20q is no operation", c.Op)
	case c.Version == "" || len(c.Version) > longestName:
		return fmt.Errorf("its version has %d bytes", len(c.Version))
	case len(c.Bases) > mostBases:
		return fmt.Errorf("it is made on %d versions", len(c.Bases))
	case c.Op == create && c.New == nil && c.Rows.New == nil:
		return errors.New("it creates a row of no columns")
	case max(len(c.Old), len(c.New)) > mostColumns:
		return errors.New("it has too many columns")
	}
	if err := c.Row.check(); err != nil {
		return fmt.Errorf("the row's name: %w", err)
	}
	for _, text := range append([]string{c.Version}, c.Bases...) {
		if len(text) > longestName {
			return fmt.Errorf("a version has %d bytes", len(text))
		}
		if _, err := journal.ParseVersion(text); err != nil {
			return err
		}
	}
	for _, rows := range []map[string]Name{c.Rows.Old, c.Rows.New} {
		if len(rows) > mostColumns {
			return errors.New("it has too many columns")
		}
		for column, name := range rows {
			if err := name.check(); err != nil {
				return fmt.Errorf("column %.60q: %w", column, err)
			}
		}
	}
	return nil
}
