package postgres

import (
	"cmp"
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// rows are those of a query, and what is left to close of a batch that it was sent
// in.
type rows struct {
	pgx.Rows
	batch pgx.BatchResults
	// plans are how the columns are scanned into destinations of types.
	plans []pgtype.ScanPlan
	types []reflect.Type
}

// Scan reads a row as pgx does, but leaves the rows open where a value does not fit
// its destination: it can be read into another.
func (r *rows) Scan(dest ...any) error {
	types := r.Rows.TypeMap()
	if types == nil || len(dest) != len(r.Rows.FieldDescriptions()) {
		return r.Rows.Scan(dest...)
	}
	fields, values := r.Rows.FieldDescriptions(), r.Rows.RawValues()
	if r.plans == nil {
		r.plans, r.types = make([]pgtype.ScanPlan, len(fields)), make([]reflect.Type, len(fields))
	}
	for i, d := range dest {
		if d == nil {
			continue
		}
		if of := reflect.TypeOf(d); r.types[i] != of {
			r.plans[i], r.types[i] = types.PlanScan(fields[i].DataTypeOID, fields[i].Format, d), of
		}
		if err := r.plans[i].Scan(values[i], d); err != nil {
			return pgx.ScanArgError{ColumnIndex: i, FieldName: fields[i].Name, Err: err}
		}
	}
	return nil
}

func (r *rows) Close() error {
	r.Rows.Close()
	if r.batch != nil {
		return cmp.Or(r.Rows.Err(), r.batch.Close())
	}
	return nil
}
