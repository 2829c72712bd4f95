package plan

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// former brings values of a field into the form in which its column keeps them.
type former struct{ *field }

// formOf returns how values of the field are brought into the form in which its
// column keeps them: what is compared, written, and handed to others is then what
// the column returns. It returns nil where the column keeps them as they are.
func (f former) formOf() func(reflect.Value) error {
	switch {
	case !f.managed() || f.canceled:
		return nil
	case f.class == timed:
		return f.formOfTime()
	case f.class == plain:
		return throughPointer(f.formOfPlain(element(f.typ)))
	case f.class == scanned && isNull(element(f.typ)):
		return throughPointer(ofNull(f.formOfPlain(element(f.typ).Field(0).Type)))
	case f.class == scanned:
		return f.formOfScanned()
	default:
		return nil
	}
}

// throughPointer applies a form to what a pointer field points to.
func throughPointer(form func(reflect.Value) error) func(reflect.Value) error {
	if form == nil {
		return nil
	}
	return func(v reflect.Value) error {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if !v.IsValid() {
			return nil
		}
		return form(v)
	}
}

// ofNull applies a form to the value of one of database/sql's nulls.
func ofNull(form func(reflect.Value) error) func(reflect.Value) error {
	if form == nil {
		return nil
	}
	return func(v reflect.Value) error {
		if !v.Field(1).Bool() {
			return nil
		}
		return form(v.Field(0))
	}
}

// formOfPlain returns the form of values of one of Go's own types.
func (f former) formOfPlain(typ reflect.Type) func(reflect.Value) error {
	switch {
	case typ.Kind() == reflect.String:
		form := f.formOfText()
		if form == nil {
			return nil
		}
		return func(v reflect.Value) error {
			text, err := form(v.String())
			if err == nil {
				v.SetString(text)
			}
			return err
		}
	case typ.Kind() == reflect.Float32, typ.Kind() == reflect.Float64:
		form := f.formOfFloat()
		if form == nil {
			return nil
		}
		return func(v reflect.Value) error {
			x, err := form(v.Float(), typ.Bits())
			if err == nil {
				v.SetFloat(x)
			}
			return err
		}
	case isInteger(typ):
		return f.formOfInt()
	default:
		return nil
	}
}

// formOfText returns the form of texts.
func (f former) formOfText() func(string) (string, error) {
	switch {
	case f.affinity() == numericAffinity, f.affinity() == realAffinity:
		return func(text string) (string, error) { return f.affinity().textOf(text), nil }
	case !f.strict:
		return nil
	case f.base == "uuid":
		return func(text string) (string, error) {
			id, err := uuid.Parse(text)
			if err != nil {
				return text, nil // keepsText has refused what is none
			}
			return id.String(), nil
		}
	case f.base == "numeric":
		return f.formOfDecimal()
	case f.base == "character varying" && len(f.limits) == 1:
		return f.formOfVarchar
	case f.base == "bpchar" && len(f.limits) == 1:
		return func(text string) (string, error) {
			text, err := f.formOfVarchar(text)
			return text + strings.Repeat(" ", max(0, f.limits[0]-len([]rune(text)))), err
		}
	case strings.HasPrefix(f.base, "time ") || f.base == "time" || f.base == "interval":
		most := 6
		if len(f.limits) == 1 {
			most = min(most, f.limits[0])
		}
		return func(text string) (string, error) { return cutFraction(text, most), nil }
	default:
		return nil
	}
}

// secondsFraction matches a time of day with a fraction of a second.
var secondsFraction = regexp.MustCompile(`(\d:\d\d:\d\d)\.(\d+)`)

// cutFraction leaves at most some digits of a second's fraction, where the database
// would round.
func cutFraction(text string, most int) string {
	at := secondsFraction.FindStringSubmatchIndex(text)
	switch {
	case at == nil || at[5]-at[4] <= most:
		return text
	case most == 0:
		return text[:at[3]] + text[at[5]:]
	default:
		return text[:at[4]+most] + text[at[5]:]
	}
}

// formOfVarchar cuts spaces at the end that are too many. It refuses a text that is
// longer without them.
func (f former) formOfVarchar(text string) (string, error) {
	most := f.limits[0]
	if len(text) <= most {
		return text, nil
	}
	runes := []rune(text)
	if len(runes) <= most {
		return text, nil
	}
	if strings.TrimRight(string(runes[most:]), " ") != "" {
		return text, fmt.Errorf("%s has %d characters, and column %q of type %s holds %d: make it longer", quote(text), len(runes), f.column, f.typeName(), most)
	}
	return string(runes[:most]), nil
}

// typeName is the type of the column with its limits.
func (f *field) typeName() string {
	if len(f.limits) == 0 || f.dbType != f.base {
		return f.dbType
	}
	limits := make([]string, len(f.limits))
	for i, n := range f.limits {
		limits[i] = strconv.Itoa(n)
	}
	name, rest, _ := strings.Cut(f.dbType, " ")
	if f.dbType == "character varying" {
		name, rest = f.dbType, ""
	}
	return strings.TrimSpace(name + "(" + strings.Join(limits, ",") + ") " + rest)
}

// formOfDecimal returns the form of the texts of numbers.
func (f former) formOfDecimal() func(string) (string, error) {
	return func(text string) (string, error) {
		d, ok := parseExact(text)
		if !ok {
			return specialNumber(text), nil // keepsText has refused what is none
		}
		if len(f.limits) != 2 {
			return d.text(), nil
		}
		if rounded, fits := d.round(f.limits[0], f.limits[1]); fits {
			return rounded, nil
		}
		return text, f.tooLarge(text)
	}
}

func (f former) tooLarge(v any) error {
	enough := "numeric"
	switch f.base {
	case "smallint", "integer":
		enough = "bigint"
	case "real":
		enough = "double precision"
	case "numeric":
		enough = "one of more digits"
	}
	return fmt.Errorf("column %q is of type %s, which does not hold %s: make it %s", f.column, f.typeName(), shorten(fmt.Sprint(v), 60), enough)
}

// formOfFloat returns the form of floating-point numbers.
func (f former) formOfFloat() func(x float64, bits int) (float64, error) {
	switch {
	case f.affinity() == textAffinity:
		return func(x float64, _ int) (float64, error) { return strconv.ParseFloat(realText(x), 64) }
	case f.strict && f.base == "real":
		return func(x float64, _ int) (float64, error) {
			kept := float64(float32(x))
			if math.IsInf(kept, 0) && !math.IsInf(x, 0) {
				return x, f.tooLarge(x)
			}
			return kept, nil
		}
	case f.strict && f.base == "numeric" && len(f.limits) == 2:
		form := f.formOfDecimal()
		return func(x float64, bits int) (float64, error) {
			if math.IsNaN(x) {
				return x, nil
			}
			// A float32 is sent as the float64 that it is.
			text, err := form(strconv.FormatFloat(x, 'g', -1, 64))
			if err != nil {
				return x, err
			}
			return strconv.ParseFloat(text, bits)
		}
	default:
		return nil
	}
}

// formOfInt finds integers that the column does not hold.
func (f former) formOfInt() func(reflect.Value) error {
	var most int64
	switch {
	case !f.strict:
		return nil
	case f.base == "smallint":
		most = math.MaxInt16
	case f.base == "integer":
		most = math.MaxInt32
	case f.base == "numeric" && len(f.limits) == 2:
		form := f.formOfDecimal()
		return func(v reflect.Value) error {
			text, err := form(fmt.Sprint(v.Interface()))
			if err != nil {
				return err
			}
			whole, _, _ := strings.Cut(text, ".")
			n, err := strconv.ParseInt(whole, 10, 64)
			switch {
			case err != nil || v.CanInt() && v.OverflowInt(n) || v.CanUint() && v.OverflowUint(uint64(n)):
				return f.tooLarge(v.Interface())
			case v.CanInt():
				v.SetInt(n)
			default:
				v.SetUint(uint64(n))
			}
			return nil
		}
	default:
		return nil
	}
	return func(v reflect.Value) error {
		if v.CanInt() && (v.Int() > most || v.Int() < -most-1) || v.CanUint() && v.Uint() > uint64(most) {
			return f.tooLarge(v.Interface())
		}
		return nil
	}
}

// formOfTime returns the form of times: cut to what the column keeps, where the
// database would round.
func (f former) formOfTime() func(reflect.Value) error {
	kept := f.keptOfTime()
	if kept == nil {
		return nil
	}
	return func(v reflect.Value) error {
		settleTime(v, kept)
		return nil
	}
}

// keptOfTime returns how a time is cut, or nil. It is in UTC already, in
// microseconds.
func (f former) keptOfTime() func(time.Time) time.Time {
	switch {
	case !f.strict:
		return nil
	case f.base == "date":
		return func(at time.Time) time.Time {
			year, month, day := at.Date()
			return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
		}
	case strings.HasPrefix(f.base, "timestamp") && len(f.limits) == 1 && f.limits[0] < 6:
		unit := time.Second
		for range f.limits[0] {
			unit /= 10
		}
		return func(at time.Time) time.Time { return at.Truncate(unit) }
	default:
		return nil
	}
}

// formOfScanned returns the form of a type that scans itself: what it writes is
// brought into it, and scanned where it says something else then.
func (f former) formOfScanned() func(reflect.Value) error {
	text, float, kept := f.formOfText(), f.formOfFloat(), f.keptOfTime()
	if text == nil && float == nil && kept == nil || isUUID(element(f.typ)) {
		return nil
	}
	return func(v reflect.Value) error {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return nil
			}
			v = v.Elem()
		}
		written, err := v.Addr().Interface().(driver.Valuer).Value()
		if err != nil {
			return nil // whoever writes it tells
		}
		var formed any
		switch x := written.(type) {
		case string:
			if text == nil {
				return nil
			}
			if formed, err = text(x); err != nil || (comparer(f)).sameWritten(formed, x) {
				return err
			}
		case float64:
			if float == nil {
				return nil
			}
			if formed, err = float(x, 64); err != nil || formed == x {
				return err
			}
		case time.Time:
			if kept == nil {
				return nil
			}
			at := kept(cut(x))
			if at.Equal(x) {
				return nil
			}
			formed = at
		default:
			return nil
		}
		scanner := v.Addr().Interface().(sql.Scanner)
		if err := scanner.Scan(formed); err != nil {
			return fmt.Errorf("column %q keeps it as %v, which its type %s does not read: %w", f.column, formed, f.typ, err)
		}
		return nil
	}
}

// asked reports whether only the database knows the form in which it keeps a text:
// of addresses, intervals, ranges and others.
func (f *field) asked() bool {
	texts := f.class == plain && element(f.typ).Kind() == reflect.String || f.class == scanned
	switch {
	case !f.strict || !f.managed() || f.canceled || !texts, f.base == "enum", strings.HasSuffix(f.base, "citext"), strings.HasSuffix(f.base, "[]"):
		return false
	case f.base == "date":
		return f.class == plain
	default:
		return holds(f.base) == 0
	}
}
