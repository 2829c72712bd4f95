package plan

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

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

// formOfWhole returns the form of the texts of numbers in a column of integers.
func (f former) formOfWhole() func(string) (string, error) {
	return func(text string) (string, error) {
		whole, ok := wholeNumber(text)
		if !ok {
			whole = text
		}
		n, err := strconv.ParseInt(whole, 10, f.bits())
		if err != nil {
			return text, f.tooLarge(text)
		}
		return strconv.FormatInt(n, 10), nil
	}
}

// bits is how many bits a column of integers has.
func (f *bound) bits() int {
	switch f.base {
	case "smallint":
		return 16
	case "integer":
		return 32
	default:
		return 64
	}
}

// formOfSpelledFloat returns the form of the texts of numbers in a column of
// floating-point numbers, as PostgreSQL casts those to text.
func (f former) formOfSpelledFloat() func(string) (string, error) {
	bits, digits := 64, 15
	if f.base == "real" {
		bits, digits = 32, 6
	}
	return func(text string) (string, error) {
		x, err := strconv.ParseFloat(text, bits)
		if err != nil {
			return text, f.tooLarge(text)
		}
		verb := byte('f')
		if size := math.Abs(x); size != 0 && (size < 1e-4 || size >= math.Pow10(digits)) {
			verb = 'e'
		}
		return strconv.FormatFloat(x, verb, -1, bits), nil
	}
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
