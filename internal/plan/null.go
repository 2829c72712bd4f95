package plan

import (
	"database/sql/driver"
	"reflect"
	"strings"
	"time"
)

// isNull reports whether a type is one of database/sql's, such as NullString or
// Null[T]: a value and a flag, without a JSON form.
func isNull(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.PkgPath() == "database/sql" && strings.HasPrefix(t.Name(), "Null") && t.NumField() == 2
}

// nullTimeStruct is a timeColumn for sql.NullTime and sql.Null[time.Time].
type nullTimeStruct struct{ field reflect.Value }

func (c *nullTimeStruct) Value() (driver.Value, error) {
	if !c.field.Field(1).Bool() {
		return nil, nil
	}
	return cut(c.field.Field(0).Interface().(time.Time)), nil
}

func (c *nullTimeStruct) Scan(src any) error {
	c.field.SetZero()
	if src == nil {
		return nil
	}
	t, err := parseTime(src)
	c.field.Field(0).Set(reflect.ValueOf(t))
	c.field.Field(1).SetBool(err == nil)
	return err
}
