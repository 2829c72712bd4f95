package backend

// Column is one column of a [Table].
type Column struct {
	Name string
	// Type is what the field holds. DBType is the type that the column has, as Describe
	// returns it.
	Type   Type
	DBType string
	// Made is what Schema makes of the column, 0 where that is Type.
	Made Type
	// Key marks the local primary key, filled by the database.
	Key bool
	// NotNull reports whether the field cannot hold a null.
	NotNull bool
	// Parent columns keep the local key of another model's row. They are managed
	// in runs that know it.
	Parent bool
	// Indexed reports whether an index of the service's own begins with the column, so
	// that Schema adds none.
	Indexed bool
	// Managed columns are written by a run; the others are the service's own.
	Managed bool
	// Read is how the column is read.
	Read Reading
	// Asked reports whether only the database knows in which form the column keeps a
	// value: see [Querier.Settle].
	Asked bool
	// Equal compares two values of the column, given pointers to them.
	Equal func(a, b any) bool
	// Exact reports whether values that are sent to the database otherwise are never Equal.
	Exact bool
}

// Reading is how a column is read.
type Reading int

// How columns are read.
const (
	AsIs      Reading = iota
	AsText            // its field is a string, its type in the database is not
	AsJSON            // an array
	AsSeconds         // an interval
)

// Type is a column type, independent of the dialect.
type Type int

// The column types that Schema knows.
const (
	TypeInt Type = iota + 1
	TypeFloat
	TypeBool
	TypeText
	TypeTime
	TypeBytes
	TypeUUID
	TypeJSON
	// Only in Made: a number of any length, a day, and JSON that is no text to be kept as received.
	TypeDecimal
	TypeDate
	TypeDocument
)
