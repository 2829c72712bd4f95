package breaking_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/syncedgo/synced/remote/remotetest"
)

// district is what the remote has in an account, in memory: the reference that tables
// are compared with.
type district struct {
	account  *remotetest.Account
	tick     int // counts what happened
	streets  map[int]string
	homes    map[int]*home
	chambers map[int]*chamber
	beds     map[int]string
	tags     map[int]string
	// changed is when what was missing came, or what was elsewhere moved, by kind and id.
	changed map[string]int
	edits   int
	// left are rooms that went from a home which could not be mapped, by their ids.
	left map[int]*home
	// strayed are rooms that went with such a home: rows of theirs in another home are
	// removed only by a run that lists that one.
	strayed map[int]bool
}

// home lists its rooms and tags by their ids.
type home struct {
	name     string
	size     any // a number, or what can't be mapped
	street   int // 0 for none
	chambers []int
	tags     []int
	headline map[string]string
}

type chamber struct {
	name string
	area any
	beds []int
}

// poison fits no integer column.
const poison = "n/a"

func newDistrict(a *remotetest.Account) *district {
	d := &district{account: a, streets: map[int]string{}, homes: map[int]*home{}, chambers: map[int]*chamber{}, beds: map[int]string{}, tags: map[int]string{}, changed: map[string]int{}, left: map[int]*home{}, strayed: map[int]bool{}}
	for _, name := range []string{"streets", "homes"} {
		a.Collection(name)
	}
	return d
}

// happens says that a thing came or moved.
func (d *district) happens(kind string, id int) {
	d.tick++
	d.changed[fmt.Sprint(kind, id)] = d.tick
}

// steady reports whether the remote had a thing, in one place, since a tick.
func (d *district) steady(kind string, id, since int) bool {
	return d.changed[fmt.Sprint(kind, id)] < since
}

// word is a name that nothing had before.
func (d *district) word(kind string) string {
	d.edits++
	return fmt.Sprintf("%s %d", kind, d.edits)
}

// put sends a home to the remote.
func (d *district) put(id int) {
	h := d.homes[id]
	list := []any{}
	for _, c := range h.chambers {
		room := d.chambers[c]
		beds := []any{}
		for _, b := range room.beds {
			beds = append(beds, map[string]any{"id": b, "name": d.beds[b]})
		}
		list = append(list, map[string]any{"id": c, "name": room.name, "area": room.area, "beds": beds})
	}
	tags := []any{}
	for _, t := range h.tags {
		tags = append(tags, map[string]any{"id": t, "name": d.tags[t]})
	}
	var street any
	if h.street != 0 {
		street = h.street
	}
	d.account.Collection("homes").Put(remotetest.Record{"id": id, "name": h.name, "size": h.size, "street": street, "chambers": list, "tags": tags, "headline": maps.Clone(h.headline)})
}

// owner is the home that lists a room.
func (d *district) owner(room int) (int, *home) {
	for id, h := range d.homes {
		if slices.Contains(h.chambers, room) {
			return id, h
		}
	}
	return 0, nil
}

// place is the room, and its home, that a bed stands in.
func (d *district) place(bed int) (int, *chamber) {
	for id, c := range d.chambers {
		if slices.Contains(c.beds, bed) {
			return id, c
		}
	}
	return 0, nil
}

// settle makes a street.
func (d *district) settle(id int) {
	if _, is := d.streets[id]; !is {
		d.happens("streets", id)
	}
	d.streets[id] = d.word("street")
	d.account.Collection("streets").Put(remotetest.Record{"id": id, "name": d.streets[id]})
}

// build makes a home with what is in it, of ids that only it has.
func (d *district) build(r *rand.Rand, id int) {
	d.happens("homes", id)
	h := &home{name: d.word("home"), size: r.IntN(100), headline: map[string]string{}}
	d.homes[id] = h
	if r.IntN(4) > 0 {
		h.street = 1 + r.IntN(4)
	}
	for range r.IntN(3) {
		d.furnish(r, id, 1+r.IntN(30))
	}
	for range r.IntN(3) {
		d.tag(h, 1+r.IntN(4))
	}
	d.speak(r, h)
	d.put(id)
}

func (d *district) speak(r *rand.Rand, h *home) {
	h.headline = map[string]string{}
	for _, locale := range []string{"de", "en", "fr"} {
		if r.IntN(2) == 0 {
			h.headline[locale] = d.word(locale)
		}
	}
}

func (d *district) tag(h *home, id int) {
	if slices.Contains(h.tags, id) {
		return
	}
	if d.tags[id] == "" {
		d.tags[id] = d.word("tag")
	}
	h.tags = append(h.tags, id)
}

// furnish puts a room, new or another's, into a home.
func (d *district) furnish(r *rand.Rand, into, room int) {
	if from, h := d.owner(room); h != nil {
		if from == into {
			return
		}
		h.chambers = slices.DeleteFunc(h.chambers, func(id int) bool { return id == room })
		d.put(from)
	} else {
		d.chambers[room] = &chamber{name: d.word("room"), area: r.IntN(100)}
	}
	d.happens("chambers", room)
	for _, bed := range d.chambers[room].beds {
		d.happens("beds", bed)
	}
	d.homes[into].chambers = append(d.homes[into].chambers, room)
	if r.IntN(2) == 0 {
		d.bed(room, 1+r.IntN(40))
	}
}

// bed puts a bed, new or another's, into a room.
func (d *district) bed(room, bed int) {
	if from, c := d.place(bed); c != nil {
		if from == room {
			return
		}
		c.beds = slices.DeleteFunc(c.beds, func(id int) bool { return id == bed })
		if id, h := d.owner(from); h != nil {
			d.put(id)
		}
	} else {
		d.beds[bed] = d.word("bed")
	}
	d.happens("beds", bed)
	d.chambers[room].beds = append(d.chambers[room].beds, bed)
}

// clear takes a room out of the world.
func (d *district) clear(room int) {
	for _, bed := range d.chambers[room].beds {
		delete(d.beds, bed)
	}
	delete(d.chambers, room)
}

// edit changes something at random.
func (d *district) edit(r *rand.Rand) string {
	d.tick++
	ids := slices.Sorted(maps.Keys(d.homes))
	id := ids[r.IntN(len(ids))]
	h := d.homes[id]
	what := ""
	switch n := r.IntN(30); {
	case n < 3:
		id = 1 + r.IntN(max(14, len(d.homes)))
		if _, is := d.homes[id]; !is {
			what = "build"
			d.build(r, id)
		}
		return fmt.Sprint(what, " ", id)
	case n < 6:
		if id == 1 {
			return "" // a list is never empty
		}
		for _, room := range h.chambers {
			d.strayed[room] = h.size == poison
			d.clear(room)
		}
		delete(d.homes, id)
		d.account.Collection("homes").Delete(id)
		return fmt.Sprint("delete ", id)
	case n < 8:
		street := 1 + r.IntN(4)
		if _, is := d.streets[street]; is && street > 1 {
			delete(d.streets, street)
			d.account.Collection("streets").Delete(street)
			return fmt.Sprint("delete street ", street)
		}
		d.settle(street)
		return fmt.Sprint("street ", street)
	case n < 10:
		what, h.name = "name", d.word("home")
	case n < 12:
		what, h.street = "street of", r.IntN(5)
	case n < 14:
		what, h.size = "size", any(r.IntN(100))
		if r.IntN(3) == 0 && id != 1 {
			what, h.size = "poison", poison
		}
	case n < 18:
		what = "room in"
		d.furnish(r, id, 1+r.IntN(30))
	case n < 20:
		if what = "no room in"; len(h.chambers) > 0 {
			d.clear(h.chambers[0])
			d.left[h.chambers[0]] = h
			h.chambers = h.chambers[1:]
		}
	case n < 23:
		if what = "room of"; len(h.chambers) > 0 {
			room := d.chambers[h.chambers[r.IntN(len(h.chambers))]]
			switch r.IntN(5) {
			case 0:
				room.name = d.word("room")
			case 1:
				room.area = any(r.IntN(100))
				if r.IntN(2) == 0 {
					room.area = poison
				}
			case 2:
				if len(room.beds) > 0 {
					delete(d.beds, room.beds[0])
					room.beds = room.beds[1:]
				}
			default:
				d.bed(h.chambers[r.IntN(len(h.chambers))], 1+r.IntN(40))
			}
		}
	case n < 25:
		what = "tag"
		d.tag(h, 1+r.IntN(4))
	case n < 26:
		what, h.tags = "no tags", nil
	case n < 27:
		tag := 1 + r.IntN(4)
		if d.tags[tag] != "" {
			d.tags[tag] = d.word("tag")
			for id, h := range d.homes {
				if slices.Contains(h.tags, tag) {
					d.put(id)
				}
			}
		}
		return fmt.Sprint("rename tag ", tag)
	default:
		what = "texts"
		d.speak(r, h)
	}
	d.put(id)
	return fmt.Sprint(what, " ", id)
}

// whereabouts says where the remote has what a row tells of.
func (d *district) whereabouts(r resident) string {
	switch r.kind {
	case "chambers":
		id, h := d.owner(r.id)
		return fmt.Sprintf("home %d, %+v, as %+v", id, h, d.chambers[r.id])
	case "beds":
		id, c := d.place(r.id)
		return fmt.Sprintf("chamber %d, %+v", id, c)
	}
	return ""
}
