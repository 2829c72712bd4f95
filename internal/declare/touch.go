package declare

import (
	"fmt"
	"strings"

	"github.com/syncedgo/synced/internal/plan"
	"github.com/syncedgo/synced/internal/stamp"
)

// touches lists the columns for the times of writes, by the settings that name them.
func (d *Declaration) touches() [][2]string {
	return [][2]string{{"Touch", d.Touch}, {"Created", d.Created}}
}

// checkTouch finds columns that can't keep the time of a write.
func checkTouch(d *Declaration, p *plan.Plan) error {
	for _, t := range d.touches() {
		setting, column := t[0], t[1]
		name, _, _ := p.Field(column)
		switch {
		case column == "":
		case p.Filled(column) != "":
			return fmt.Errorf("%s is column %q, which %s fills through field %s: leave that field a db tag alone, or leave %s out", setting, column, p.Filled(column), name, setting)
		case column == d.Scope, column == d.IDColumn, column == hashColumn, column == stamp.Column(d.Timestamps), d.Remove.cancels() && column == d.Remove.Column, setting == "Created" && column == d.Touch:
			return fmt.Errorf("%s is column %q, which has another purpose: name another column", setting, column)
		}
	}
	return nil
}

// touchTypes returns the types of the columns for the times of writes.
func (b *binding) touchTypes() (touch, created string, err error) {
	var types [2]string
	for i, t := range b.touches() {
		setting, column := t[0], t[1]
		if column == "" {
			continue
		}
		c, ok := b.found.Column(column)
		switch {
		case !ok:
			return "", "", fmt.Errorf("%s is column %q, which is not in the table: add it, or leave %s out", setting, column, setting)
		case b.found.Strict && c.Type != "date" && !strings.HasPrefix(c.Type, "timestamp"):
			return "", "", fmt.Errorf("%s sets column %q to a time, but the column is of type %s: make it timestamptz", setting, column, c.Type)
		}
		types[i] = c.Type
	}
	return types[0], types[1], nil
}
