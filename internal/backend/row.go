package backend

// Row is one row in memory. Value holds it (a pointer to the model's type) and is
// opaque to stores. Pointers point to its columns, in the order of Table.Columns,
// to read them from and scan them into.
type Row struct {
	Value    any
	Pointers []any
}
