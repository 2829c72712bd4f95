package page

import (
	"slices"

	"github.com/syncedgo/synced/internal/plan"
)

// keys are those of other rows that a record fills columns with.
type keys struct {
	list []plan.Key
	// given are those that it was made with, once others are filled.
	given  []plan.Key
	filled bool
}

// fill puts a key into its column, in the place of another.
func (k *keys) fill(key plan.Key) {
	if !k.filled {
		k.given, k.filled = k.list, true
	}
	k.list = append(slices.DeleteFunc(slices.Clone(k.list), func(other plan.Key) bool { return other.Column == key.Column }), key)
}

// undo leaves what the record was made with.
func (k *keys) undo() {
	if k.filled {
		*k = keys{list: k.given}
	}
}
