package plan

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// durationColumn keeps a time.Duration in an interval, in microseconds. It is read as a
// number of seconds.
type durationColumn struct {
	at   reflect.Value
	null bool
}

func (c *durationColumn) Value() (driver.Value, error) {
	v := c.at
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, nil
		}
		v = v.Elem()
	}
	return fmt.Sprintf("%d microseconds", time.Duration(v.Int()).Microseconds()), nil
}

func (c *durationColumn) Scan(src any) error {
	c.at.SetZero()
	if c.null = src == nil; c.null {
		return nil
	}
	n, err := nanoseconds(jsontext.Value(fmt.Sprint(src)), time.Second)
	switch {
	case err != nil:
		return err
	case !n.IsInt64():
		return fmt.Errorf("%v seconds are more than a time.Duration holds", src)
	}
	pointee(c.at).SetInt(n.Int64())
	return nil
}

// WasNull reports whether the column held a null, which the field can't.
func (c *durationColumn) WasNull() bool { return c.null && c.at.Kind() != reflect.Pointer }

// cutDuration cuts a duration to what an interval keeps.
func cutDuration(v reflect.Value) error {
	v.SetInt(int64(time.Duration(v.Int()).Truncate(time.Microsecond)))
	return nil
}
