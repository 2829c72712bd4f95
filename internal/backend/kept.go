package backend

// Kept is a statement of synced's own tables of which there are few texts: always the same
// but for the values. It is built once for each database, and PostgreSQL keeps its plan.
// Planning them takes half of the time of a run that finds nothing new.
//
// Statements on models' tables are planned each time: a plan that was made while a table was
// empty reads it from end to end. Here, rows are found by the columns of primary keys, and
// the statistics follow within autovacuum's minute.
type Kept struct {
	SQL  string
	Args []any
	// Later, where not "", lets the statement of an Exec wait for the next statement of its
	// transaction, or for the commit, where that spares an exchange. Its count is not known,
	// and its error is that of what it waited for, which names what is done by Later.
	Later string
}

// ToSql implements [store.SQL].
func (k Kept) ToSql() (string, []any, error) { return k.SQL, k.Args, nil }
