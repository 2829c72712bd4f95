package plan

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/mapper"
)

// dec is a decimal, as libraries have them: a text for the database.
type dec struct{ digits string }

func (d dec) Value() (driver.Value, error) {
	if d.digits == "" {
		return "0", nil
	}
	return d.digits, nil
}
func (d *dec) Scan(v any) error { return nil }

// nullDec is one that may be null.
type nullDec struct {
	Decimal dec
	Valid   bool
}

func (d nullDec) Value() (driver.Value, error) {
	if !d.Valid {
		return nil, nil
	}
	return d.Decimal.Value()
}
func (d *nullDec) Scan(v any) error { return nil }

func TestMadeType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of   any
		want backend.Type
	}{
		{dec{}, backend.TypeDecimal},
		{&dec{}, backend.TypeDecimal},
		{nullDec{}, backend.TypeDecimal},
		{pgtype.Numeric{}, backend.TypeDecimal},
		{json.Number(""), 0},
		{new(json.Number), backend.TypeDecimal},
		{pgtype.Timestamptz{}, backend.TypeTime},
		{map[string]int{}, backend.TypeDocument},
		{[]string{}, backend.TypeDocument},
		{struct{ A int }{}, backend.TypeDocument},
		{mapper.Translations{}, 0},
		{json.RawMessage{}, 0},
		{mapper.Data{}, 0},
		{pgtype.Text{}, 0},
		{pgtype.Date{}, backend.TypeDate},
		{pgtype.Int4{}, backend.TypeInt},
		{pgtype.Float8{}, backend.TypeFloat},
		{pgtype.Bool{}, backend.TypeBool},
		{pgtype.UUID{}, backend.TypeUUID},
		{uuid.UUID{}, backend.TypeUUID},
		{sql.NullString{}, 0},
		{sql.Null[time.Time]{}, 0},
		{time.Time{}, 0},
		{"", 0},
		{1.5, 0},
	} {
		typ := reflect.TypeOf(c.of)
		f := &field{typ: typ, class: classOf(typ), column: "a", remote: "a"}
		require.Equal(t, c.want, f.madeType(), "%s", typ)
	}
}
