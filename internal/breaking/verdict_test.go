package breaking_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/syncedgo/synced/store"
)

// judge looks at what deeds did that ended together, the first of them amid mishaps.
func (s *saga) judge(deeds []deed, x mishap, before census, since int) {
	now := take(s.t, s.db)
	require.Empty(s.t, now.orphans(), "orphans")
	s.told.follow(s.t, s.db)
	require.Equal(s.t, now.known(), s.told.rows, "the outbox is not what the tables are")
	for account := 1; account <= 2; account++ {
		if !slices.ContainsFunc(deeds, func(d deed) bool { return d.Account == account }) {
			for _, kind := range []string{"streets", "homes", "chambers", "beds", "tags"} {
				require.Equal(s.t, before.of(kind, account), now.of(kind, account), "rows of an account that had no run")
			}
		}
	}
	planted := func(c census) census {
		return c.foreign(1).foreign(2)
	}
	require.Empty(s.t, planted(before).differences(planted(now)), "rows of nobody's")
	for _, was := range before {
		s.stays(deeds, x, before, now, was, since)
	}
	s.tied(now)
}

// stays judges what became of a row.
func (s *saga) stays(deeds []deed, x mishap, before, now census, was resident, since int) {
	if was.id == 0 || was.canceled || was.account != deeds[0].Account || was.kind == "tags" {
		return
	}
	is, there := now[fmt.Sprint(was.kind, " ", was.key)]
	if there && !is.canceled {
		require.Equal(s.t, was.id, is.id, "%s became another's", was.name())
		require.Equal(s.t, was.notes, is.notes, "%s: the service's own column", was.name())
		return
	}
	d := s.districts[was.account]
	for _, b := range deeds {
		if slices.Contains(b.approved, strconv.Itoa(was.id)) || len(b.approved) > 0 && (was.kind == "chambers" || was.kind == "beds") {
			return
		}
	}
	if d.exists(was.kind, was.id) && d.steady(was.kind, was.id, since) && !s.moved(deeds, x, before, was) {
		s.t.Fatalf("%s, key %d, has gone, and its record was there since %d: changed at %d, now %d: it was in %s, and is in %s", was.name(), was.key, since, d.changed[fmt.Sprint(was.kind, was.id)], d.tick, before[fmt.Sprint("homes ", was.parent)].name(), d.whereabouts(was))
	}
}

// exists reports whether the remote has something.
func (d *district) exists(kind string, id int) bool {
	is := false
	switch kind {
	case "streets":
		_, is = d.streets[id]
	case "homes":
		_, is = d.homes[id]
	case "chambers":
		_, is = d.chambers[id]
	case "beds":
		_, is = d.beds[id]
	}
	return is
}

// moved reports whether a nested row's record stands in another place than the row, so that
// a deed which does not see both places, or not at one time, may take it for deleted.
func (s *saga) moved(deeds []deed, x mishap, before census, was resident) bool {
	d := s.districts[was.account]
	place, in := 0, ""
	switch was.kind {
	case "chambers":
		place, _ = d.owner(was.id)
		if h := d.homes[place]; h != nil && h.size == poison {
			return true
		}
		in = "homes"
	case "beds":
		room, c := d.place(was.id)
		if _, h := d.owner(room); c != nil && c.area == poison || h != nil && h.size == poison {
			return true
		}
		place, in = room, "chambers"
	default:
		return false
	}
	parent := before[fmt.Sprint(in, " ", was.parent)]
	if parent.id == place {
		return in == "chambers" && s.moved(deeds, x, before, parent)
	}
	return !deeds[0].whole() || !x.calm()
}

// tied judges that rows point to their street as their stored objects have it.
func (s *saga) tied(now census) {
	each(s.t, s.db, "SELECT account_id, synced_id, COALESCE(street_id, 0), COALESCE(synced_data ->> 'street', '') FROM homes WHERE synced_id IS NOT NULL AND account_id < 9 AND canceled_at IS NULL", func(rows store.Rows) error {
		var account, id, key int64
		var text string
		if err := rows.Scan(&account, &id, &key, &text); err != nil {
			return err
		}
		remote, _ := strconv.Atoi(text)
		if s.edited[account] || s.untied[[2]int{int(account), int(id)}] {
			return nil
		}
		street, is := now.of("streets", int(account))[remote]
		if want := street.key; !is || !street.canceled {
			require.Equal(s.t, int64(want), key, "home %d/%d points to a street that is not street %s", account, id, text)
		}
		return nil
	})
}

// equals judges that an account's rows are the reference's, after a complete pass or a
// run that asked for changes.
func (s *saga) equals(account int, complete bool) {
	c, d := take(s.t, s.db), s.districts[account]
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	streets, homes, rooms, beds, tags := c.of("streets", account), c.of("homes", account), c.of("chambers", account), c.of("beds", account), c.of("tags", account)
	is := func(rows map[int]resident, kind string, id, parent int, text string) {
		if r, there := rows[id]; !there || r.canceled || r.text != text || r.parent != parent {
			say("%s %d: want %q in %d, is %+v", kind, id, text, parent, r)
		}
	}
	for id, name := range d.streets {
		is(streets, "street", id, 0, name)
	}
	for id, h := range d.homes {
		if h.size == poison {
			continue
		}
		row := homes[id]
		street := streets[h.street]
		parent := street.key
		if street.canceled {
			parent = row.parent // which may be either
		}
		is(homes, "home", id, parent, fmt.Sprintf("%s|%v|%s", h.name, h.size, s.called(h.name)))
		for _, room := range h.chambers {
			r := d.chambers[room]
			if r.area == poison {
				continue
			}
			is(rooms, "room", room, row.key, fmt.Sprintf("%s|%v", r.name, r.area))
			for _, bed := range r.beds {
				is(beds, "bed", bed, rooms[room].key, d.beds[bed])
			}
		}
		var want, have []string
		for locale, text := range h.headline {
			want = append(want, locale+"="+text)
		}
		for _, tag := range h.tags {
			is(tags, "tag", tag, 0, d.tags[tag])
			want = append(want, fmt.Sprint(tags[tag].key))
		}
		for _, r := range c {
			switch {
			case r.parent != row.key:
			case r.kind == "links":
				have = append(have, fmt.Sprint(r.key))
			case r.kind == "texts" && !r.canceled:
				have = append(have, r.text)
			}
		}
		slices.Sort(want)
		slices.Sort(have)
		if !slices.Equal(want, have) {
			say("home %d: want %v, has %v", id, want, have)
		}
	}
	s.rest(account, c, complete, say)
	slices.Sort(wrong)
	require.Empty(s.t, strings.Join(wrong, "\n"), "tables and reference, account %d", account)
}

// rest judges what should not be there.
func (s *saga) rest(account int, c census, complete bool, say func(string, ...any)) {
	d := s.districts[account]
	for _, kind := range []string{"streets", "homes", "chambers", "beds"} {
		for id, r := range c.of(kind, account) {
			if !r.canceled && !d.exists(kind, id) && !s.unclear(c, r) && (complete || !d.strays(c, r)) {
				say("%s has no record: %+v", r.name(), r)
			}
		}
	}
	want := map[string]bool{}
	for id, h := range d.homes {
		if h.size == poison {
			want[fmt.Sprint("homes ", id)] = true
		}
	}
	for id, r := range d.chambers {
		if _, h := d.owner(id); r.area == poison && h.size != poison {
			want[fmt.Sprint("chambers ", id)] = true
		}
	}
	each(s.t, s.db, fmt.Sprintf("SELECT model, remote_id FROM synced_quarantine WHERE scope_id = '%d'", account), func(rows store.Rows) error {
		var model, id string
		if err := rows.Scan(&model, &id); err != nil {
			return err
		}
		k := model + " " + id
		number, _ := strconv.Atoi(id)
		_, h := d.owner(number)
		if h == nil {
			h = d.left[number]
		}
		if !want[k] && (model != "chambers" || h == nil || h.size != poison) {
			say("%s is in quarantine", k)
		}
		delete(want, k)
		return nil
	})
	for k := range want {
		say("%s is not in quarantine", k)
	}
}

// strays reports whether a row is a room, or a bed in one, that went with a home which
// could not be mapped.
func (d *district) strays(c census, r resident) bool {
	if r.kind == "beds" {
		r = c[fmt.Sprint("chambers ", r.parent)]
	}
	return r.kind == "chambers" && d.strayed[r.id]
}

// unclear reports whether a nested row is in something that can't be mapped, or that is
// canceled, which is as it was.
func (s *saga) unclear(c census, r resident) bool {
	d := s.districts[r.account]
	switch r.kind {
	case "chambers":
		up := c[fmt.Sprint("homes ", r.parent)]
		h := d.homes[up.id]
		return up.canceled || h != nil && h.size == poison
	case "beds":
		up := c[fmt.Sprint("chambers ", r.parent)]
		room := d.chambers[up.id]
		return up.canceled || room != nil && room.area == poison || s.unclear(c, up)
	}
	return false
}
