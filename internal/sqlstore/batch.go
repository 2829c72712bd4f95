package sqlstore

import (
	"strconv"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/syncedgo/synced/internal/backend"
)

// source names the rows of a statement, and their columns, with names that no
// table has.
const source = "synced_source"

// inBatches calls run with as many rows at a time as a statement can carry.
func (s Session) inBatches(which []int, columns []writtenColumn, run func(names []string, rows squirrel.Sqlizer) error) error {
	names := make([]string, len(columns))
	kinds := make([]SourceColumn, len(columns))
	for i, c := range columns {
		names[i], kinds[i] = c.quoted, c.SourceColumn
	}
	most := s.dialect.SourceRows(len(columns))
	for len(which) > 0 {
		batch := which[:min(most, len(which))]
		which = which[len(batch):]
		rows, err := values(batch, columns)
		if err != nil {
			return err
		}
		for len(rows) > 0 {
			n := fitting(rows)
			if err := run(names, s.dialect.Source(kinds, rows[:n])); err != nil {
				return err
			}
			rows = rows[n:]
		}
	}
	return nil
}

// mostBytes is how many bytes of texts a statement carries, unless one row has more.
const mostBytes = 8 << 20

// fitting returns how many of the first rows a statement can carry.
func fitting(rows [][]any) int {
	size := 0
	for n, row := range rows {
		for _, v := range row {
			switch x := v.(type) {
			case string:
				size += len(x)
			case []byte:
				size += len(x)
			}
		}
		if n > 0 && size > mostBytes {
			return n
		}
	}
	return len(rows)
}

// values returns what the columns of rows hold.
func values(which []int, columns []writtenColumn) ([][]any, error) {
	rows := make([][]any, len(which))
	for n, i := range which {
		rows[n] = make([]any, len(columns))
		for c, column := range columns {
			var err error
			if rows[n][c], err = backend.Plain(column.value(i)); err != nil {
				return nil, &valueError{column.Name, err}
			}
		}
	}
	return rows, nil
}

// with is the head of a statement that reads its source.
func with(columns int) string { return "WITH " + source + "(" + join(aliases(columns)) + ") AS (?)" }

// firstAliases are more than most tables have columns. Made for each statement,
// they were 38 of 1,015 allocations of a page of one record.
var firstAliases = func() (list [64]string) {
	for n := range list {
		list[n] = aliasPrefix + strconv.Itoa(n)
	}
	return list
}()

const aliasPrefix = "synced_c"

func alias(n int) string {
	if n < len(firstAliases) {
		return firstAliases[n]
	}
	return aliasPrefix + strconv.Itoa(n)
}

func aliases(n int) []string {
	if n <= len(firstAliases) {
		return firstAliases[:n:n]
	}
	list := make([]string, n)
	for i := range list {
		list[i] = alias(i)
	}
	return list
}

func join(list []string) string { return strings.Join(list, ", ") }
