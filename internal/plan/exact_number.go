package plan

import (
	"strconv"
	"strings"
)

// exactNumber is a number: its digits without leading zeros, none for 0, and how many
// of them stand before the point, which may be more than there are, or less than 0.
type exactNumber struct {
	sign   string
	digits string
	point  int
	scale  int // how many digits behind the point were spelled
}

// mostDigits is how many digits a numeric column holds before its point, and more
// than it holds behind it.
const mostDigits = 131072

// parseExact reads a number, unless no column can hold it.
func parseExact(s string) (exactNumber, bool) {
	n, ok := parseNumeral(strings.TrimSpace(s))
	if !ok {
		return exactNumber{}, false
	}
	exponent, err := strconv.Atoi(n.exponent)
	if err != nil || exponent > mostDigits || exponent < -mostDigits {
		return exactNumber{}, false
	}
	d := exactNumber{sign: n.sign, digits: strings.TrimLeft(n.digits, "0"), scale: max(0, n.fraction-exponent)}
	d.point = len(d.digits) - n.fraction + exponent
	return d, true
}

// wholeNumber returns the digits of a whole number that is spelled with a fraction of
// zeros or an exponent, such as 5.0 and 5e3, and reports whether it is that. Longer ones
// than an integer holds are none.
func wholeNumber(s string) (string, bool) {
	if !strings.ContainsAny(s, ".eE") {
		return "", false
	}
	d, ok := parseExact(s)
	if !ok || d.point > 20 || len(strings.TrimRight(d.digits, "0")) > max(0, d.point) {
		return "", false
	}
	return d.spell(d.units(0), 0), true
}

// text spells the number as a numeric column without limits does.
func (d exactNumber) text() string { return d.spell(d.units(d.scale), d.scale) }

// round spells the number as a column numeric(precision,scale) does, half away from
// zero, and reports whether it holds it.
func (d exactNumber) round(precision, scale int) (text string, fits bool) {
	if d.digits != "" && d.point > precision-scale {
		return "", false
	}
	units := strings.TrimLeft(d.units(scale), "0")
	return d.spell(units, scale), len(units) <= precision
}

// units returns how many units of that many digits behind the point the number has,
// rounded half away from zero.
func (d exactNumber) units(scale int) string {
	n := d.point + scale
	switch {
	case n < 0 || d.digits == "":
		return ""
	case n >= len(d.digits):
		return d.digits + strings.Repeat("0", n-len(d.digits))
	case d.digits[n] < '5':
		return d.digits[:n]
	}
	up := []byte("0" + d.digits[:n])
	i := len(up) - 1
	for ; up[i] == '9'; i-- {
		up[i] = '0'
	}
	up[i]++
	return string(up)
}

// spell writes a number of units.
func (d exactNumber) spell(units string, scale int) string {
	if units = strings.TrimLeft(units, "0"); units == "" {
		d.sign = ""
	}
	if scale <= 0 {
		if units == "" {
			return "0"
		}
		return d.sign + units + strings.Repeat("0", -scale)
	}
	if len(units) <= scale {
		units = strings.Repeat("0", scale+1-len(units)) + units
	}
	return d.sign + units[:len(units)-scale] + "." + units[len(units)-scale:]
}

// specialNumber spells what is no number of digits as PostgreSQL does, and returns
// anything else as it is.
func specialNumber(s string) string {
	switch text := strings.ToLower(strings.TrimSpace(s)); text {
	case "nan":
		return "NaN"
	case "infinity", "+infinity":
		return "Infinity"
	case "-infinity":
		return "-Infinity"
	}
	return s
}
