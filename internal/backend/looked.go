package backend

// Looked is what a look at a row finds.
type Looked struct {
	ID ID
	// Hash is the fingerprint, where the row is Marked: it has none where somebody edited it.
	Hash   int64
	Marked bool
	// Key is the row's local key, and Parent that of its parent, where the table has such
	// columns. A parent that is null is the empty text.
	Key, Parent ID
}

// Has reports whether the row is marked with a fingerprint.
func (l Looked) Has(hash int64) bool { return l.Marked && l.Hash == hash }
