package backend

// Links is a table that ties rows of one table to those of another: one row a pair of
// local keys, of a parent and of a child.
type Links struct {
	Name   string
	Parent LinkColumn
	Child  LinkColumn
	// Journaled is that of a [Table].
	Journaled bool
}

// LinkColumn is one of the two columns of such a table.
type LinkColumn struct {
	Name string
	// Kind is the kind of key that it keeps, and Type the database's own name of its
	// type.
	Kind Kind
	Type string
	// Table and Key are the table and the column that it points to.
	Table, Key string
}

// Link is one row of such a table: the local keys of a parent and of a child.
type Link struct{ Parent, Child ID }
