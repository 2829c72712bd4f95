package store

import "strings"

// SQL is a statement with its values, as every builder of
// github.com/Masterminds/squirrel is one. It has "?" for values, on every
// database, and [Quote] around names that need it.
type SQL interface {
	ToSql() (sql string, args []any, err error)
}

// Quote quotes a name for SQL, part by part: crm.rentals becomes
// "crm"."rentals".
func Quote(name string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(name, `"`, `""`), ".", `"."`) + `"`
}
