package rest

import (
	"bytes"
	"fmt"
	"go/format"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/syncedgo/synced/internal/shown"
)

// Recognized is what [Recognize] found out about a list. It is to be read, and compared with
// the API's documentation, before it is used.
type Recognized struct {
	// Config are the settings that read the list. Its Auth is the one that was given, with what
	// else the URL had that may be a secret.
	Config Config
	// Endpoint and Query are for synced.Synced.Endpoint, and synced.Ask.Query.
	Endpoint string
	Query    url.Values
	// Findings are the settings one by one, and Unknown is what could not be told, a sentence each.
	Findings []Finding
	Unknown  []string
	// Requests is how many were made.
	Requests int

	record
}

// Finding is one thing that was found out, and what shows it.
type Finding struct {
	// Setting is what it is about: a field of [Config], "id", "changed", for the time of the
	// last change, or "Tombstone".
	Setting string
	// Value is Go code for a setting, and else the name of an attribute, quoted.
	Value string
	// Because is what shows it, a sentence without its period.
	Because string
}

// record is what code is made of besides the settings.
type record struct {
	name, base     string // of the list, and the base URL as it may be shown
	id             string // the attribute of the id, "" where none is for certain
	fields         []field
	left           []string // attributes without a field
	changed        string   // the attribute of the last change
	deleted, state string   // the attribute that marks a deleted record, and the value
	since, clock   bool     // changes can be asked for; the API tells its clock for that
	dated          bool     // answers have a Date
}

// String lists what was found, with the reasons, and what could not be told.
func (r *Recognized) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s\t%s\t%s\n", shown.Text(f.Setting), shown.Text(f.Value), shown.Text(f.Because))
	}
	_ = w.Flush()
	if len(r.Unknown) > 0 {
		b.WriteString("\nNot told:\n")
	}
	for _, u := range r.Unknown {
		b.WriteString("- " + shown.Text(u) + "\n")
	}
	return b.String()
}

// Code returns a Go file of the named package: the struct of a record, and a function Declare
// that returns the declaration, given the base URL and the credentials. It has no credential,
// and no value of a record.
func (r *Recognized) Code(pkg string) string {
	var b bytes.Buffer
	typ := goName(singular(r.name))
	if typ == "Declare" {
		typ = "Record"
	}
	fmt.Fprintf(&b, "package %s\n\nimport (\n", pkg)
	for _, p := range r.imports() {
		fmt.Fprintf(&b, "%s\n", p)
	}
	fmt.Fprintf(&b, ")\n\n// %s is a record of %s.\ntype %s struct {\n", typ, shown.Text(r.name), typ)
	if r.id == "" {
		b.WriteString("SyncedID string `db:\"synced_id\"` // a hash: which attributes are the id could not be told, see synced.Synced.ID\n")
	}
	for _, f := range r.fields {
		fmt.Fprintf(&b, "%s %s `json:%q db:%q%s`\n", f.name, f.typ, f.json, f.db, f.tags)
	}
	if len(r.left) > 0 {
		fmt.Fprintf(&b, "// Left out: %s.\n", shown.Text(strings.Join(r.left, ", ")))
	}
	fmt.Fprintf(&b, "}\n\n// Declare declares the list; base is %s.\n", shown.Text(r.base))
	fmt.Fprintf(&b, "func Declare(base string, auth wire.Auth) (synced.Synced[%s], error) {\napi, err := rest.NewClient(rest.Config{\nBaseURL: base,\nAuth: auth,\n", typ)
	for _, set := range r.settings() {
		fmt.Fprintf(&b, "%s,\n", set)
	}
	fmt.Fprintf(&b, "})\nreturn synced.Synced[%s]{\n", typ)
	for _, set := range r.declaration() {
		fmt.Fprintf(&b, "%s,\n", set)
	}
	b.WriteString("}, err\n}\n")
	code, err := format.Source(b.Bytes())
	if err != nil {
		return b.String() // the package's name is none
	}
	return string(code)
}

// settings are those of the client.
func (r *Recognized) settings() []string {
	c := r.Config
	c.BaseURL, c.Auth = "", nil
	return membersOf(c)
}

// declaration are the settings of the model.
func (r *Recognized) declaration() []string {
	table := columnOf(r.name)
	set := []string{fmt.Sprintf("Table: %q", table)}
	if r.Endpoint != table {
		set = append(set, fmt.Sprintf("Endpoint: %q", r.Endpoint))
	}
	if r.id == "" {
		set = append(set, "ID: synced.Content")
	}
	set = append(set, "API: api")
	if len(r.Query) > 0 {
		set = append(set, "Ask: synced.Ask{Query: "+codeOf(r.Query)+"}")
	}
	switch {
	case r.id == "": // of a record that changed, nothing tells which it was
		set = append(set, "Strategy: strategy.Full{}")
	case r.Config.Position.Path != "":
		set = append(set, "Strategy: strategy.Position{}")
	case r.since && r.clock:
		set = append(set, "Strategy: strategy.UpdatedSince{}")
	case r.since && r.dated:
		set = append(set, "Strategy: strategy.UpdatedSince{Tolerance: time.Minute, Fallbacks: []strategy.TimeSource{strategy.ResponseDate{}}}")
	case r.since && r.changed != "":
		set = append(set, fmt.Sprintf("Strategy: strategy.UpdatedSince{Tolerance: time.Minute, Fallbacks: []strategy.TimeSource{strategy.LargestValue{Attribute: %q}}}", r.changed))
	default:
		set = append(set, "Strategy: strategy.Full{}")
	}
	switch {
	case r.deleted == "" || !writableName(r.deleted):
	case r.state != "":
		set = append(set, fmt.Sprintf("Tombstone: func(o remote.Object) bool {\nstate, _ := remote.Get[string](o, %q)\nreturn state == %q\n}", r.deleted, r.state))
	default:
		set = append(set, fmt.Sprintf("Tombstone: func(o remote.Object) bool {\nv, ok := o.Lookup(%q)\nreturn ok && string(v) != \"null\" && string(v) != \"false\"\n}", r.deleted))
	}
	return set
}

// imports are the lines of the packages that the code needs.
func (r *Recognized) imports() (lines []string) {
	code := strings.Join(r.declaration(), "\n")
	typed := func(typ string) bool {
		return slices.ContainsFunc(r.fields, func(f field) bool { return strings.HasSuffix(f.typ, typ) })
	}
	for _, p := range []struct {
		path   string
		needed bool
	}{
		{"encoding/json", typed("json.RawMessage")},
		{"net/url", len(r.Query) > 0},
		{"time", typed("time.Time") || strings.Contains(code, "Tolerance: time.Minute")},
		{"", true},
		{"github.com/syncedgo/synced", true},
		{"github.com/syncedgo/synced/remote", strings.Contains(code, "Tombstone: ")},
		{"github.com/syncedgo/synced/remote/rest", true},
		{"github.com/syncedgo/synced/remote/wire", true},
		{"github.com/syncedgo/synced/strategy", true},
	} {
		switch {
		case p.path == "":
			lines = append(lines, "")
		case p.needed:
			lines = append(lines, strconv.Quote(p.path))
		}
	}
	return lines
}

// singular is the name of one record of a list.
func singular(list string) string {
	for _, end := range []struct{ many, one string }{{"ies", "y"}, {"sses", "ss"}, {"ches", "ch"}, {"shes", "sh"}, {"xes", "x"}, {"ss", "ss"}, {"us", "us"}, {"s", ""}} {
		if one, ok := strings.CutSuffix(list, end.many); ok && one != "" {
			return one + end.one
		}
	}
	return list
}
