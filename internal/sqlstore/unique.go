package sqlstore

import (
	"slices"
	"strings"
)

// UniqueIndex reports whether a unique index keeps any two rows from having the same
// values in its columns. One with an expression (a column without a name) does
// not, nor does a partial one, except where all that it leaves out is rows with
// a null in one of its columns.
func UniqueIndex(columns []string, predicate string) bool {
	if len(columns) == 0 || slices.Contains(columns, "") {
		return false
	}
	bare := strings.Join(strings.Fields(strings.NewReplacer("(", " ", ")", " ", `"`, "", "`", "", "[", "", "]", "").Replace(predicate)), " ")
	return bare == "" || slices.ContainsFunc(columns, func(c string) bool {
		return strings.EqualFold(bare, c+" IS NOT NULL") || strings.EqualFold(bare, c+" NOTNULL")
	})
}
