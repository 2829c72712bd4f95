package plan

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// spelling is how a field's tags say that its attribute is spelled, where JSON or RFC
// 3339 do not say it.
type spelling struct {
	number bool   // `synced:"number"`
	time   string // `time:"…"`: a layout, or a unit
	zone   string // `zone:"…"`
	quick  bool   // decodeQuick may read it
	coder  *coder // reads and writes JSON of its type; or nil
	// read reads a value that is not null; nil reads it as JSON and RFC 3339 say.
	read func(value jsontext.Value, at reflect.Value) error
}

// readSpelling reads the tags of a spelling. Zone is where times without a zone are,
// if the field names none; nil where the declaration names none either.
func (f tagged) readSpelling(tag reflect.StructTag, zone *time.Location) error {
	f.time, f.zone = tag.Get("time"), tag.Get("zone")
	_, hasTime := tag.Lookup("time")
	_, hasZone := tag.Lookup("zone")
	base := element(f.typ)
	if isNull(base) {
		base = base.Field(0).Type
	}
	switch {
	case f.number && f.remote == "":
		return errors.New("it is `synced:\"number\"` but reads no attribute: add a json tag, or drop the synced tag")
	case f.number && !holdsNumber(base):
		return fmt.Errorf("it is `synced:\"number\"`, and a %s holds none: use a number, a string or a decimal type", f.typ)
	case f.number:
		f.read = readNumeral
	}
	switch {
	case !hasTime && !hasZone && (zone == nil || base != timeType):
		return nil
	case f.remote == "" && (hasTime || hasZone):
		return errors.New("it has a time or zone tag but reads no attribute: add a json tag, or drop them")
	case hasTime && f.time == "":
		return errors.New("the time tag is empty: write a layout of package time, \"unix\" or \"unixms\"")
	case base == durationType && hasZone:
		return errors.New("it has a zone tag, and a time.Duration is in no zone: drop the tag")
	case base == durationType:
		return f.readDurations()
	case base != timeType:
		return fmt.Errorf("it has a time or zone tag, and a %s is no time: drop the tags, or use time.Time", f.typ)
	}
	if hasZone {
		var err error
		if zone, err = time.LoadLocation(f.zone); err != nil || f.zone == "" || f.zone == "Local" {
			return fmt.Errorf("the zone %q is not known: write a name such as \"Europe/Berlin\", and import _ \"time/tzdata\" where the machine has no list of zones", f.zone)
		}
	}
	return f.readTimes(zone, hasZone)
}

// holdsNumber reports whether a type may hold one number.
func holdsNumber(t reflect.Type) bool {
	return isInteger(t) && t != durationType || t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64 || t.Kind() == reflect.String ||
		t.Kind() == reflect.Struct && t != timeType && (scansItself(t) || readsItself(t))
}

// readNumeral reads a number, or a string that holds one. A field of text keeps it as
// it was spelled.
func readNumeral(value jsontext.Value, at reflect.Value) error {
	text := string(value)
	if value.Kind() == '"' {
		if err := json.Unmarshal(value, &text); err != nil {
			return err
		}
		text = strings.TrimSpace(text)
	}
	number, ok := jsonNumber(text)
	if !ok {
		return errors.New("it is no number")
	}
	if v := pointee(at); v.Kind() == reflect.String && !readsItself(v.Type()) {
		v.SetString(text)
		return nil
	}
	text = number
	err := decodeJSON(jsontext.Value(text), at)
	if err != nil && decodeJSON(jsontext.Value(`"`+text+`"`), at) == nil {
		return nil // a type that reads numbers from strings alone
	}
	return err
}

// readDigits reads a string, and of a number its digits as they were spelled.
func readDigits(value jsontext.Value, at reflect.Value) error {
	if value.Kind() != '0' {
		return decodeJSON(value, at)
	}
	pointee(at).SetString(string(value))
	return nil
}

// jsonNumber spells a decimal number as JSON does, without a plus or zeros in front, and
// reports whether it is one.
func jsonNumber(s string) (string, bool) {
	d, ok := parseNumeral(s)
	if !ok {
		return "", false
	}
	at := len(d.digits) - d.fraction
	text := strings.TrimLeft(d.digits[:at], "0")
	if text == "" {
		text = "0"
	}
	if d.fraction > 0 {
		text += "." + d.digits[at:]
	}
	if d.exponent != "0" {
		text += "e" + d.exponent
	}
	return d.sign + text, true
}

// pointee returns the value that a field keeps, of a pointer what it points to, which
// is made.
func pointee(v reflect.Value) reflect.Value {
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return v.Elem()
	case isNull(v.Type()):
		v.Field(1).SetBool(true)
		return v.Field(0)
	default:
		return v
	}
}

// digest returns what tells the spelling from others; "" where no tag says one.
func (s *spelling) digest(zone *time.Location) string {
	if s.time == "" && s.zone == "" && !s.number && (zone == nil || s.read == nil) {
		return ""
	}
	name := s.zone
	if name == "" && zone != nil {
		name = zone.String()
	}
	return fmt.Sprintf(" %t %q %q", s.number, s.time, name)
}
