package plan

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"github.com/syncedgo/synced/internal/backend"
)

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
	case holds(f.base) == backend.TypeInt:
		return f.formOfWhole()
	case holds(f.base) == backend.TypeFloat:
		return f.formOfSpelledFloat()
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
