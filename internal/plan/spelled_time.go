package plan

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// units are what a number of a duration or of a time since 1970 counts.
var units = map[string]time.Duration{
	"nanoseconds": time.Nanosecond, "microseconds": time.Microsecond, "milliseconds": time.Millisecond, "seconds": time.Second,
	"minutes": time.Minute, "hours": time.Hour,
	"unix": time.Second, "unixms": time.Millisecond,
}

// readTimes makes the field read times by its layout. A zone that the declaration
// names for all does not move dates: a day without a time is one in UTC.
func (f tagged) readTimes(zone *time.Location, own bool) error {
	switch unit, isUnix := units[f.time]; {
	case isUnix && !strings.HasPrefix(f.time, "unix"):
		return fmt.Errorf("the time tag %q is a unit of durations: write a layout of package time, \"unix\" or \"unixms\"", f.time)
	case isUnix && own:
		return fmt.Errorf("a time as %q needs no zone: drop the zone tag", f.time)
	case isUnix:
		f.read = func(value jsontext.Value, at reflect.Value) error {
			since, err := nanoseconds(value, unit)
			if err == nil {
				seconds, rest := new(big.Int).DivMod(since, big.NewInt(int64(time.Second)), new(big.Int))
				pointee(at).Set(reflect.ValueOf(time.Unix(seconds.Int64(), rest.Int64()).UTC()))
			}
			return err
		}
		return nil
	}
	layouts := []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05"}
	if f.time != "" {
		if err := checkLayout(f.time); err != nil {
			return err
		}
		layouts = []string{f.time}
		if !own && !hasClock(f.time) {
			zone = nil
		}
	}
	if zone == nil {
		zone = time.UTC
	}
	f.read = func(value jsontext.Value, at reflect.Value) error {
		var text string
		if value.Kind() != '"' {
			return fmt.Errorf("a time as %q is a string", layouts[0])
		}
		if err := json.Unmarshal(value, &text); err != nil {
			return err
		}
		t, err := timeIn(layouts, text, zone)
		if err == nil {
			pointee(at).Set(reflect.ValueOf(t))
		}
		return err
	}
	return nil
}

// timeIn reads a time in the first layout that fits.
func timeIn(layouts []string, text string, zone *time.Location) (time.Time, error) {
	for _, layout := range layouts {
		t, err := time.ParseInLocation(layout, text, zone)
		if err != nil {
			continue
		}
		if name, offset := t.Zone(); strings.Contains(layout, "MST") && offset == 0 && name != "UTC" && name != "GMT" {
			return t, fmt.Errorf("nothing tells which zone %s is: name it in a zone tag", shorten(name, 10))
		}
		return t, nil
	}
	return time.Time{}, fmt.Errorf("not a time as %q spells it", layouts[0])
}

// checkLayout finds a layout that does not tell a day.
func checkLayout(layout string) error {
	day := time.Date(2017, 11, 23, 14, 45, 56, 0, time.UTC)
	read, err := time.Parse(layout, day.Format(layout))
	if err != nil || read.Year() != 2017 || read.Month() != time.November {
		return fmt.Errorf("the time tag %q is no layout of a time: write how 2006-01-02 15:04:05 would be spelled, \"unix\" or \"unixms\"", layout)
	}
	return nil
}

// hasClock reports whether a layout has a time of day.
func hasClock(layout string) bool {
	return time.Date(2006, 1, 2, 3, 0, 0, 0, time.UTC).Format(layout) != time.Date(2006, 1, 2, 16, 0, 0, 0, time.UTC).Format(layout)
}

// readDurations makes the field read durations: as a number of units, or as Go spells
// them.
func (f tagged) readDurations() error {
	unit, ok := units[f.time]
	switch {
	case f.time == "duration":
		f.read = func(value jsontext.Value, at reflect.Value) error {
			var text string
			if err := json.Unmarshal(value, &text); err != nil {
				return err
			}
			d, err := time.ParseDuration(text)
			if err != nil {
				return errors.New("not a duration such as \"1h30m\"")
			}
			pointee(at).SetInt(int64(d))
			return nil
		}
	case !ok || strings.HasPrefix(f.time, "unix"):
		return fmt.Errorf("the time tag %q of a time.Duration is no unit: write \"seconds\", \"milliseconds\", \"minutes\", \"hours\" and so on, or \"duration\" for texts such as 1h30m", f.time)
	default:
		f.read = func(value jsontext.Value, at reflect.Value) error {
			n, err := nanoseconds(value, unit)
			switch {
			case err != nil:
				return err
			case !n.IsInt64():
				return errors.New("out of its range")
			}
			pointee(at).SetInt(n.Int64())
			return nil
		}
	}
	return nil
}

// nanoseconds reads a number of units, which may have a fraction, or a string that
// holds one. What is less than a nanosecond is cut.
func nanoseconds(value jsontext.Value, unit time.Duration) (*big.Int, error) {
	text := strings.TrimSpace(strings.Trim(string(value), `"`))
	if n := jsontext.Value(text); n.Kind() != '0' || !n.IsValid() {
		return nil, errors.New("it is no number")
	}
	d, ok := parseExact(text)
	if !ok || d.point > 18 {
		return nil, errors.New("out of its range")
	}
	d.scale = min(d.scale, 30)
	n, _ := new(big.Rat).SetString(d.text()) // it is a number
	n.Mul(n, new(big.Rat).SetInt64(int64(unit)))
	return new(big.Int).Quo(n.Num(), n.Denom()), nil
}
