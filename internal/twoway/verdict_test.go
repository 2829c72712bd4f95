package twoway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/journal"
)

// past is what the journal of a site tells of all rows.
type past struct {
	// bases are those of each version, last the version that each row has, and gone the rows
	// that are deleted.
	bases map[string][]string
	last  map[string]string
	gone  map[string]bool
	// made are the versions of changes that were made at the site, and wrote what is written
	// by them.
	made  []string
	wrote []string
	// named are the rows' names by model and key.
	named map[string]string
}

// past reads the journal of a site, and checks that no change is in it twice.
func (s *site) past(t require.TestingT) *past {
	p := &past{bases: map[string][]string{}, last: map[string]string{}, gone: map[string]bool{}, named: map[string]string{}}
	seen := map[string]int64{}
	for c, err := range s.j.Changes(context.Background(), 0) {
		require.NoError(t, err)
		name := p.name(t, s, c)
		version := name + "@" + c.Version.String()
		origin := fmt.Sprint(c.Origin, " ", c.OriginSeq)
		require.NotContains(t, seen, origin, "%s has change %d of %s twice: %+v", s.name, c.OriginSeq, c.Origin, c)
		seen[origin] = c.Seq
		for _, b := range c.Bases {
			p.bases[version] = append(p.bases[version], name+"@"+b.String())
		}
		p.last[name], p.gone[name] = version, c.Op == journal.Delete
		if c.Origin == s.j.GUID() && c.Via == "" {
			p.made = append(p.made, version)
			if body, ok := c.New["body"].(string); ok {
				p.wrote = append(p.wrote, body)
			}
		}
	}
	return p
}

// name is what all sites call a row.
func (p *past) name(t require.TestingT, s *site, c journal.Change) string {
	at := c.Model + string(c.Key)
	var parts []any
	require.NoError(t, json.Unmarshal([]byte(c.Key), &parts))
	switch c.Model {
	case "tags":
		return fmt.Sprint("tags ", parts[0])
	case "marks":
		note := p.named[fmt.Sprintf("notes[%v]", string(c.Key[1:strings.IndexByte(string(c.Key), ',')]))]
		return fmt.Sprint("marks ", strings.TrimPrefix(note, "notes "), "/", parts[1])
	}
	for _, row := range []journal.Row{c.Old, c.New} {
		if label, ok := row["label"].(string); ok {
			p.named[at] = c.Model + " " + label
		}
	}
	if p.named[at] == "" {
		p.named[at] = c.Model + " without a name " + s.name + string(c.Key)
	}
	return p.named[at]
}

// descends reports whether a version comes from another, by what all sites know.
func descends(all []*past, version, from string) bool {
	seen := map[string]bool{}
	next := []string{version}
	for len(next) > 0 {
		v := next[0]
		next = next[1:]
		if v == from {
			return true
		}
		if seen[v] {
			continue
		}
		seen[v] = true
		for _, p := range all {
			next = append(next, p.bases[v]...)
		}
	}
	return false
}

// verdict checks what must hold when all sites are connected and quiet, and no conflict is
// open: nothing is lost, nothing is twice, and all are equal.
func (g *saga) verdict(t require.TestingT) {
	var all []*past
	for _, s := range g.sites {
		p := s.past(t)
		all = append(all, p)
		// What the service committed is in the journal, once.
		own := p.wrote
		slices.Sort(own)
		want := slices.Clone(g.accepted[s])
		slices.Sort(want)
		require.Equal(t, want, own, "%s has in its journal what was written", s.name)
		failures, err := s.p.Failures(context.Background())
		require.NoError(t, err)
		require.Empty(t, failures, s.name)
	}
	for i, s := range g.sites[1:] {
		require.Equal(t, g.sites[0].contents(t), s.contents(t), "%s and %s, site %d", g.sites[0].name, s.name, i+1)
	}
	for i, p := range all {
		for _, made := range p.made {
			name, _, _ := strings.Cut(made, "@")
			for j, other := range all {
				last, has := other.last[name]
				if !has {
					require.True(t, p.gone[name], "%s never got %s of %s", g.sites[j].name, made, g.sites[i].name)
					continue
				}
				require.True(t, descends(all, last, made), "%s has %s, which does not follow %s of %s", g.sites[j].name, last, made, g.sites[i].name)
			}
		}
	}
}

// listed checks that rows which differ between two connected sites are in listed conflicts.
func (l *link) listed(t require.TestingT) {
	ours, theirs := l.client.contents(t), l.handler.contents(t)
	differ := map[string]bool{}
	for name, row := range ours {
		differ[name] = theirs[name] != row
	}
	for name, row := range theirs {
		differ[name] = ours[name] != row
	}
	list := map[string]string{}
	for _, s := range []*site{l.client, l.handler} {
		conflicts, err := s.p.Conflicts(context.Background())
		require.NoError(t, err)
		named := s.past(t).named
		for _, c := range conflicts {
			name := named[c.Model+string(c.Key)]
			for _, row := range []journal.Row{c.Base, c.Ours, c.Theirs} {
				if label, ok := row["label"].(string); ok {
					name = c.Model + " " + label
				}
				if tag, ok := row["name"].(string); ok {
					name = c.Model + " " + tag
				}
				if tag, ok := row["tag"].(string); ok {
					note := named["notes["+fmt.Sprint(row["note_id"])+"]"]
					name = c.Model + " " + strings.TrimPrefix(note, "notes ") + "/" + tag
				}
			}
			list[name] = c.Reason
		}
	}
	for name, differs := range differ {
		if differs {
			// A mark whose note is not here is listed without it.
			if _, tag, isMark := strings.Cut(name, "/"); isMark && list["marks /"+tag] != "" {
				continue
			}
			require.Contains(t, list, name, "%s has %q, %s %q", l.client.name, ours[name], l.handler.name, theirs[name])
		}
	}
}
