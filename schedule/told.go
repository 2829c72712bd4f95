package schedule

import (
	"slices"
	"strings"

	"github.com/syncedgo/synced/internal/ledger"
)

// told are the causes that somebody was told of, each with its group.
type told []grouped

type grouped struct {
	cause Cause
	group string
}

// toldOf reads what somebody was told of a scope.
func toldOf(s ledger.Scheduled) (t told) {
	groups := strings.Split(s.Groups, "\n")
	for i, cause := range split(s.Told) {
		g := grouped{Cause(cause), groupOf(Cause(cause), s)}
		if i < len(groups) && groups[i] != "" { // an earlier program notes none
			g.group = groups[i]
		}
		t = append(t, g)
	}
	return t
}

// of returns where a cause is, or -1.
func (t told) of(cause Cause) int {
	return slices.IndexFunc(t, func(g grouped) bool { return g.cause == cause })
}

// texts are what is noted.
func (t told) texts() (causes, groups string) {
	for i, g := range t {
		if i > 0 {
			causes, groups = causes+", ", groups+"\n"
		}
		causes, groups = causes+string(g.cause), groups+g.group
	}
	return causes, groups
}

// split reads the causes that somebody was told of.
func split(told string) []string {
	if told == "" {
		return nil
	}
	return strings.Split(told, ", ")
}
