package sqlitedriver

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"reflect"
	"strings"
	"unsafe"

	"github.com/ncruces/go-sqlite3"
)

// rows are the rows of a query. What stands in a column counts, and then the type that
// the column was declared with: a time where it is a date's or a time's, a bool where
// it is BOOLEAN.
type rows struct {
	*statement
	ctx     context.Context
	names   []string
	columns []column
}

var (
	_ driver.Rows                           = (*rows)(nil)
	_ driver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ driver.RowsColumnTypeNullable         = (*rows)(nil)
	_ driver.RowsColumnTypeScanType         = (*rows)(nil)
)

// Close makes the statement ready for the next time.
func (r *rows) Close() (err error) {
	defer r.c.recovered(&err)
	return errors.Join(r.own.Reset(), r.own.ClearBindings())
}

func (r *rows) Columns() []string {
	if r.names == nil {
		r.names = make([]string, r.own.ColumnCount())
		for i := range r.names {
			r.names[i] = r.own.ColumnName(i)
		}
	}
	return r.names
}

func (r *rows) Next(dest []driver.Value) (err error) {
	defer r.c.recovered(&err)
	defer r.c.interruptible(r.ctx)()
	if !r.own.Step() {
		if err := r.own.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	if len(dest) == 0 {
		return nil
	}
	if err := r.own.ColumnsRaw(unsafe.Slice((*any)(unsafe.SliceData(dest)), len(dest))...); err != nil {
		return err
	}
	if r.columns == nil {
		r.columns = columnsOf(r.own.Stmt)
	}
	for i, v := range dest {
		dest[i] = r.columns[i].value(v)
	}
	return nil
}

// columnsOf reads the types that the columns of a query were declared with.
func columnsOf(stmt *sqlite3.Stmt) []column {
	columns := make([]column, stmt.ColumnCount())
	for i := range columns {
		columns[i] = declared(stmt.ColumnDeclType(i))
	}
	return columns
}

// ColumnTypeDatabaseTypeName returns the declared type, without a length.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string {
	name, _, _ := strings.Cut(strings.ToUpper(r.own.ColumnDeclType(i)), "(")
	return strings.TrimSpace(name)
}

// ColumnTypeNullable knows of columns of tables.
func (r *rows) ColumnTypeNullable(i int) (nullable, ok bool) {
	name := r.own.ColumnOriginName(i)
	if name == "" {
		return false, false
	}
	_, _, notNull, _, autoIncrement, err := r.c.own.TableColumnMetadata(r.own.ColumnDatabaseName(i), r.own.ColumnTableName(i), name)
	return !notNull && !autoIncrement, err == nil
}

// ColumnTypeScanType returns the type of the value in the present row, or else that of
// the column.
func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	c := declared(r.own.ColumnDeclType(i))
	if r.own.Busy() {
		switch r.own.ColumnType(i) {
		case sqlite3.INTEGER:
			return reflect.TypeOf(c.value(r.own.ColumnInt64(i)))
		case sqlite3.FLOAT:
			return reflect.TypeOf(c.value(r.own.ColumnFloat(i)))
		case sqlite3.TEXT:
			return reflect.TypeOf(c.text(r.own.ColumnRawText(i)))
		case sqlite3.BLOB:
			return reflect.TypeFor[[]byte]()
		}
	}
	return scanType(r.own.ColumnDeclType(i))
}
