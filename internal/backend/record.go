package backend

// Record is one record of a page on its way into a table.
//
// If the stored fingerprint equals Hash, the row is unchanged and Map is not
// called. Otherwise Map makes the new row, and its managed columns are compared
// with those stored. If none differs, the row is unchanged too.
type Record struct {
	ID   ID
	Hash int64
	// Parent is the local key of the row's parent, where the table has a Parent
	// column. A row with another one differs.
	Parent ID
	// Follows are the local keys of the parents that the object names, as text and in
	// the order of the table's Followed columns, "" for null. A row with others differs.
	// Nil is not compared.
	Follows []string
	// Look is what [Store.Look] said of the row. If all records of a page have one,
	// the page is written without another look; what it says may be outdated.
	Look Look
	Mapper
	// Quarantine leaves the row as it is if Map fails, and puts the error into the
	// outcome. Without it, the error ends the writing.
	Quarantine bool
}

// Mapper makes the row of a record. It is a pointer to what is known of the record: a
// function of each was a third of all allocations of a run that finds nothing new.
type Mapper interface{ Map() (Row, error) }

// MapFunc is a Mapper that is just a function.
type MapFunc func() (Row, error)

// Map implements [Mapper].
func (f MapFunc) Map() (Row, error) { return f() }

// Look is how the row of a record is stored.
type Look int

// How a row may be stored.
const (
	Unseen  Look = iota // not looked at yet
	Same                // with the same fingerprint
	Differs             // with another one, or none
	Absent              // not at all
)

// Outcome is what became of one [Record].
type Outcome struct {
	Change Change
	// Key is the row's local key, where the table asks for it.
	Key ID
	// Old is the row before, if it was updated or restored; nothing where the table is Unread,
	// maybe. New is the row after, if it was created, updated or restored, with the columns
	// that the database filled, unless the table is Unread.
	Old, New Row
	// Err is Map's error, of a record with Quarantine. Nothing else is known then.
	Err error
}

// Change is what became of a row.
type Change int

// What may become of a row.
const (
	Unchanged Change = iota
	Created
	Updated
	Restored // it was canceled, and is listed again
	Older    // the row has a newer version, and stays as it is
)
