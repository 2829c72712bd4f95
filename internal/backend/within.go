package backend

import (
	"strings"

	"github.com/syncedgo/synced/store"
)

// between stands between the key of a row's parent and its remote id.
const between = "/"

// In returns the id of a record as the table tells rows apart: with the local key of its
// parent, where it does so only among the rows of one parent.
func (t *Table) In(parent, id ID) ID {
	if t.Within == 0 {
		return id
	}
	return TextID(parent.String() + between + id.String())
}

// RemoteID returns the id that the remote gave a record, without the key of its parent.
func (t *Table) RemoteID(id ID) ID {
	if t.Within == 0 {
		return id
	}
	_, own := t.apart(id)
	return own
}

// Apart returns the keys of parents and the remote ids that ids are made of.
func (t *Table) Apart(ids []ID) (parents, own []ID) {
	parents, own = make([]ID, len(ids)), make([]ID, len(ids))
	for i, id := range ids {
		parents[i], own[i] = t.apart(id)
	}
	return parents, own
}

func (t *Table) apart(id ID) (parent, own ID) {
	key, text, _ := strings.Cut(id.String(), between)
	parent, _ = ParseID(t.ParentKind, key)
	own, _ = ParseID(t.Within, text)
	return parent, own
}

// SelectID returns what reads the id of a row.
func (t *Table) SelectID() string {
	if t.Within == 0 {
		return store.Quote(t.ID)
	}
	return "CAST(" + store.Quote(t.Parent) + " AS text) || '" + between + "' || CAST(" + store.Quote(t.ID) + " AS text) AS synced_within"
}
