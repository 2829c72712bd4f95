package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// table is what was measured, as Markdown.
func table(o options, all results) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d records of about %d bytes (%s), pages of %d, %s of latency, %d in flight, commit by %s.\n",
		o.Records, o.Bytes, o.Shape, o.PerPage, o.Latency, o.InFlight, map[bool]string{true: "run", false: "page"}[o.Atomic])
	fmt.Fprintf(&b, "Medians of %d rounds, least and most in brackets. %s, %s, %d cores%s; the server is a process on the same machine.\n",
		o.Rounds, runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU(), processor())
	for _, store := range o.Stores {
		fmt.Fprintf(&b, "\n| %s | records/s | × hand-written | × careful | × limit | requests | MB | peak MB | allocs/record | CPU µs/record | %s |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
			map[string]string{"postgres": "PostgreSQL", "sqlite": "SQLite"}[store],
			map[string]string{"postgres": "WAL B/record", "sqlite": "written B/record"}[store])
		for _, s := range shown(o.scenarios()) {
			k := key{store, s.name, s.contender}
			if len(all[k]) > 0 {
				row(&b, o, all, s, k)
			}
		}
	}
	return b.String()
}

func row(b *strings.Builder, o options, all results, s scenario, k key) {
	mean := func(verb string, figure func(m measurement) float64) string {
		return fmt.Sprintf(verb, all.of(k, figure).middle)
	}
	cells := []string{title(s), all.of(k, measurement.rate).format("%.0f", o.Rounds), "", "", ""}
	if s.contender == ours {
		cells[0] = "**" + cells[0] + "**"
		cells[2] = all.ratio(k.store, s.name, hand).format("%.1f", o.Rounds)
		cells[3] = all.ratio(k.store, s.name, careful).format("%.1f", o.Rounds)
		cells[4] = all.ratio(k.store, s.name, limit).format("%.2f", o.Rounds)
	}
	if s.contender == limit {
		// What reads the rows runs beside it.
		cells = append(cells, "", "", "", "", "")
	} else {
		cells = append(cells,
			mean("%.0f", func(m measurement) float64 { return float64(m.Requests) }),
			mean("%.1f", func(m measurement) float64 { return float64(m.Bytes) / 1e6 }),
			mean("%.0f", func(m measurement) float64 { return float64(m.Peak) / 1e6 }),
			mean("%.1f", func(m measurement) float64 { return m.each(float64(m.Allocs)) }),
			mean("%.1f", func(m measurement) float64 { return m.each(float64(m.CPU.Microseconds())) }))
	}
	cells = append(cells, mean("%.1f", func(m measurement) float64 { return m.each(float64(m.Written)) }))
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// title is what a row is called.
func title(s scenario) string {
	switch s.contender {
	case limit:
		return "limit: the same rows, from memory"
	case ours:
		return s.title
	}
	of := map[string]string{hand: "hand-written", careful: "careful: a statement a page", gormORM: "GORM", bunORM: "bun"}[s.contender]
	return of + ": " + map[string]string{"first": "first", "unchanged": "nothing changed", "changed": "1 % changed"}[s.name]
}

// processor is the processor's name, where the system tells.
func processor() string {
	file, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(file)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return " of " + strings.TrimSpace(value)
		}
	}
	return ""
}
