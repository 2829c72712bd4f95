package badinput_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/remote"
)

// Hut is the model of the spoilt pages: a field of each common kind.
type Hut struct {
	ID         int64       `db:"id"`
	SyncedID   int64       `json:"id" db:"synced_id"`
	AccountID  int64       `db:"account_id"`
	Name       string      `json:"name" db:"name"`
	Surface    *int        `json:"surface" db:"surface"`
	Price      *string     `json:"price" db:"price"`
	Rate       float64     `json:"rate" db:"rate"`
	Active     bool        `json:"active" db:"active"`
	SeenAt     *time.Time  `json:"seen_at" db:"seen_at"`
	Tags       []string    `json:"tags" db:"tags"`
	SyncedData synced.Data `db:"synced_data"`
}

// String is what the remote says about a hut. A -0 is 0.
func (h Hut) String() string {
	price, seen := "null", "null"
	if h.Price != nil {
		price = fmt.Sprintf("%q", *h.Price)
	}
	if h.SeenAt != nil {
		seen = h.SeenAt.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
	}
	surface := "null"
	if h.Surface != nil {
		surface = fmt.Sprint(*h.Surface)
	}
	return fmt.Sprintf("%q %s %s %v %t %s %q", h.Name, surface, price, h.Rate+0, h.Active, seen, h.Tags)
}

// heard is what pages say, by encoding/json and rules of its own: the test's second
// opinion.
type heard struct {
	rows         map[int64]string
	listed, gone map[int64]bool
	invalid      synced.WhenInvalid
}

// page takes in a page that was accepted. It returns an error if that page should
// have been refused.
func (h *heard) page(body []byte) error {
	var page map[string]json.RawMessage
	if err := json.Unmarshal(marked(body), &page); err != nil {
		return err
	}
	var records []json.RawMessage
	if err := json.Unmarshal(page["huts"], &records); err != nil {
		return err
	}
	var deleted []int64
	var names map[string]json.RawMessage
	if json.Unmarshal(page["meta"], &names) == nil && names["deleted_ids"] != nil {
		var ids []json.RawMessage
		if err := json.Unmarshal(names["deleted_ids"], &ids); err != nil {
			return err
		}
		for _, raw := range ids {
			id, err := idOf(raw)
			if err != nil {
				return err
			}
			deleted = append(deleted, id)
		}
	}
	here := map[int64]bool{}
	for _, raw := range records {
		var r map[string]json.RawMessage
		if err := json.Unmarshal(raw, &r); err != nil || r == nil {
			return fmt.Errorf("record %s: %w", raw, err)
		}
		var id *int64
		if err := json.Unmarshal(r["id"], &id); err != nil || id == nil {
			return fmt.Errorf("id %s: %w", r["id"], err)
		}
		row, err := hutOf(r)
		if _, invalid := remote.ParseObject(raw); invalid != nil {
			err = invalid // a member twice, or a text that is no UTF-8
		}
		if err != nil && h.invalid != (synced.Quarantine{}) {
			return fmt.Errorf("record %d: %w", *id, err)
		}
		here[*id], h.listed[*id] = true, true
		delete(h.gone, *id)
		if err == nil {
			h.rows[*id] = row
		}
	}
	for _, id := range deleted {
		if !here[id] {
			h.gone[id] = true
		}
	}
	return nil
}

// idOf is the id that a text or a number spells.
func idOf(raw json.RawMessage) (int64, error) {
	text := strings.Trim(string(raw), `"`)
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		return id, nil
	}
	id, err := strconv.ParseFloat(text, 64)
	if err != nil || id != math.Trunc(id) || math.Abs(id) > 1<<53 {
		return 0, fmt.Errorf("id %s", raw)
	}
	return int64(id), nil
}

var (
	texts = regexp.MustCompile(`(?s)"(?:[^"\\]|\\.)*"`)
	signs = regexp.MustCompile(`(?s)\\.|[\x00-\x1f]`)
)

// marked is a body whose texts have half a surrogate pair in the place of what is no JSON: a
// control character, or an escape that there is not. It costs its record.
func marked(body []byte) []byte {
	return texts.ReplaceAllFunc(body, func(text []byte) []byte {
		return signs.ReplaceAllFunc(text, func(c []byte) []byte {
			if len(c) == 2 && strings.IndexByte(`"\/bfnrtu`, c[1]) >= 0 {
				return c
			}
			return []byte(`\ud800`)
		})
	})
}

// hutOf is the row of a record.
func hutOf(r map[string]json.RawMessage) (string, error) {
	var h Hut
	for name, into := range map[string]any{"name": &h.Name, "surface": &h.Surface, "price": &h.Price, "rate": &h.Rate, "active": &h.Active, "seen_at": &h.SeenAt, "tags": &h.Tags} {
		if raw, ok := r[name]; ok {
			if err := json.Unmarshal(raw, into); err != nil {
				return "", fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	if h.SeenAt != nil && (h.SeenAt.UTC().Year() < 0 || h.SeenAt.UTC().Year() > 9999) {
		return "", errors.New("seen_at: out of range")
	}
	clean := func(text *string) { *text = strings.ReplaceAll(*text, "\x00", "\u2400") }
	clean(&h.Name)
	if h.Price != nil {
		clean(h.Price)
	}
	for i := range h.Tags {
		clean(&h.Tags[i])
	}
	return h.String(), nil
}
