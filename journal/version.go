package journal

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Version names a state of a row, among all installations. The zero Version is that of no
// state.
type Version struct {
	// Time grows with each change of a row: it is a hybrid logical clock, milliseconds
	// since 1970 shifted left by 16 bits, and a counter in the lower bits.
	Time int64
	// Origin is the installation that made the state.
	Origin string
}

// Compare orders versions: the newer one is greater, and of one time that of the greater
// origin.
func (v Version) Compare(other Version) int {
	return cmp.Or(cmp.Compare(v.Time, other.Time), strings.Compare(v.Origin, other.Origin))
}

// IsZero reports whether it is the version of no state.
func (v Version) IsZero() bool { return v == Version{} }

// At returns the time of the clock, in milliseconds.
func (v Version) At() time.Time { return time.UnixMilli(v.Time >> clockBits).UTC() }

// clockBits are those of the counter.
const clockBits = 16

// Next returns a version that an installation makes at a time, and that is newer than
// others.
func Next(origin string, at time.Time, than ...Version) Version {
	next := Version{Time: at.UnixMilli() << clockBits, Origin: origin}
	for _, v := range than {
		next.Time = max(next.Time, v.Time+1)
	}
	return next
}

// String writes the version as [ParseVersion] reads it; the zero one as "".
func (v Version) String() string {
	if v.IsZero() {
		return ""
	}
	return strconv.FormatInt(v.Time, 10) + "-" + v.Origin
}

// latest is the greatest Time of a version that is read: that of the year 4199. There is room
// above it for all versions that follow.
const latest = 1 << 62

// ParseVersion reads a version. One that is later than the year 4199, or whose origin has a
// space, is an error: no installation makes it.
func ParseVersion(text string) (Version, error) {
	if text == "" {
		return Version{}, nil
	}
	number, origin, ok := strings.Cut(text, "-")
	at, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || origin == "" || at < 0 || at > latest || strings.ContainsFunc(origin, unicode.IsSpace) {
		return Version{}, fmt.Errorf("%.300q is no version: want its time, a hyphen and its origin", text)
	}
	return Version{Time: at, Origin: origin}, nil
}

// MarshalText is String.
func (v Version) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText is [ParseVersion].
func (v *Version) UnmarshalText(text []byte) (err error) {
	*v, err = ParseVersion(string(text))
	return err
}

// joinVersions writes versions with a space between.
func joinVersions(list []Version) string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = v.String()
	}
	return strings.Join(texts, " ")
}

func splitVersions(text string) (list []Version, err error) {
	for part := range strings.FieldsSeq(text) {
		v, err := ParseVersion(part)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}
