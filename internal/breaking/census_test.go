package breaking_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/internal/backend"
	"github.com/syncedgo/synced/outbox"
	"github.com/syncedgo/synced/store"
)

// resident is a row of a town's tables.
type resident struct {
	kind    string
	account int
	// id is the remote id, 0 where the row has none; key is ours, and parent that of the
	// row it belongs to.
	id, key, parent int
	notes, text     string
	canceled        bool
}

func (r resident) name() string { return fmt.Sprintf("%s %d/%d", r.kind, r.account, r.id) }

// census is all rows of a town's tables, by kind and key.
type census map[string]resident

const censusSQL = `
SELECT 'streets', account_id, COALESCE(synced_id, 0), id, 0, notes, name, CAST(canceled_at AS text) FROM streets
UNION ALL SELECT 'homes', account_id, COALESCE(synced_id, 0), id, COALESCE(street_id, 0), notes, name || '|' || COALESCE(CAST(size AS text), '-') || '|' || label, CAST(canceled_at AS text) FROM homes
UNION ALL SELECT 'chambers', account_id, COALESCE(synced_id, 0), id, home_id, notes, name || '|' || COALESCE(CAST(area AS text), '-'), CAST(canceled_at AS text) FROM chambers
UNION ALL SELECT 'beds', account_id, COALESCE(synced_id, 0), id, chamber_id, notes, name, NULL FROM beds
UNION ALL SELECT 'tags', account_id, COALESCE(synced_id, 0), id, 0, notes, name, NULL FROM tags
UNION ALL SELECT 'texts', 0, 0, 0, parent_id, '', locale || '=' || COALESCE(headline, ''), CASE WHEN headline IS NULL THEN 'x' END FROM homes_translations
UNION ALL SELECT 'links', 0, 0, tag_id, home_id, '', '', NULL FROM home_tags`

// take reads a town's tables.
func take(t testing.TB, db backend.Store) census {
	t.Helper()
	c := census{}
	each(t, db, censusSQL, func(rows store.Rows) error {
		var r resident
		var account, id, key, parent int64
		var canceled *string
		if err := rows.Scan(&r.kind, &account, &id, &key, &parent, &r.notes, &r.text, &canceled); err != nil {
			return err
		}
		r.account, r.id, r.key, r.parent, r.canceled = int(account), int(id), int(key), int(parent), canceled != nil
		k := fmt.Sprint(r.kind, " ", r.key)
		if r.kind == "texts" || r.kind == "links" {
			k = fmt.Sprint(r.kind, " ", r.parent, " ", r.key, " ", strings.SplitN(r.text, "=", 2)[0])
		}
		c[k] = r
		return nil
	})
	return c
}

// of are the rows of a kind and account that have a remote id, by it.
func (c census) of(kind string, account int) map[int]resident {
	found := map[int]resident{}
	for _, r := range c {
		if r.kind == kind && r.account == account && r.id != 0 {
			found[r.id] = r
		}
	}
	return found
}

// orphans are rows whose parent is not there, or in another account.
func (c census) orphans() []string {
	var list []string
	for k, r := range c {
		up := map[string]string{"chambers": "homes", "beds": "chambers", "texts": "homes", "links": "homes", "homes": "streets"}[r.kind]
		if up == "" || r.kind == "homes" && r.parent == 0 {
			continue
		}
		parent, is := c[fmt.Sprint(up, " ", r.parent)]
		if !is || r.account != 0 && parent.account != r.account {
			list = append(list, fmt.Sprintf("%s (%s): no %s %d", k, r.name(), up, r.parent))
		}
		if r.kind == "links" {
			if _, is := c[fmt.Sprint("tags ", r.key)]; !is {
				list = append(list, k+": no tag")
			}
		}
	}
	slices.Sort(list)
	return list
}

// foreign are rows that no run of an account may touch: those without a remote id, and
// those of other accounts.
func (c census) foreign(account int) census {
	others := maps.Clone(c)
	maps.DeleteFunc(others, func(_ string, r resident) bool { return r.account == account && r.id != 0 || r.account == 0 })
	return others
}

// differences says what differs between two censuses, "" where nothing does.
func (c census) differences(now census) string {
	var lines []string
	for k, r := range c {
		if is, there := now[k]; !there {
			lines = append(lines, fmt.Sprintf("- %s %+v", k, r))
		} else if is != r {
			lines = append(lines, fmt.Sprintf("~ %s %+v is %+v", k, r, is))
		}
	}
	for k, r := range now {
		if _, was := c[k]; !was {
			lines = append(lines, fmt.Sprintf("+ %s %+v", k, r))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// told is what a consumer of the outbox knows, by model, account and id.
type told struct {
	last int64
	rows map[string]string
}

// known is what the outbox should have told of a census.
func (c census) known() map[string]string {
	rows := map[string]string{}
	for _, r := range c {
		if r.id != 0 && r.account != 9 && !r.canceled {
			rows[r.name()] = r.text
		}
	}
	return rows
}

// follow takes in the changes since the last call, each of which must fit what is known.
// It returns how many there were.
func (o *told) follow(t testing.TB, db backend.Store) int {
	t.Helper()
	n := 0
	for c, err := range outbox.Changes(context.Background(), db, "census") {
		require.NoError(t, err)
		require.Greater(t, c.ID, o.last)
		o.last = c.ID
		n++
		name := fmt.Sprintf("%s %s/%s", c.Model, c.ScopeID, c.RemoteID)
		require.Equal(t, o.rows[name], spelled(c.Model, c.Old), "change %d: %s %s, %v", c.ID, c.Kind, name, c)
		if o.rows[name] = spelled(c.Model, c.New); o.rows[name] == "" {
			delete(o.rows, name)
		}
	}
	return n
}

// spelled is a row as a census spells it, "" where it is none, or canceled.
func spelled(model string, row map[string]any) string {
	or := func(v any) any {
		if v == nil {
			return "-"
		}
		return v
	}
	switch {
	case row == nil, row["canceled_at"] != nil:
		return ""
	case model == "homes":
		return fmt.Sprintf("%v|%v|%v", row["name"], or(row["size"]), row["label"])
	case model == "chambers":
		return fmt.Sprintf("%v|%v", row["name"], or(row["area"]))
	default:
		return fmt.Sprint(row["name"])
	}
}
