package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// growth is what was measured of scopes that grow.
type growth struct {
	options
	of []results // by size
}

// grow measures scopes of some sizes, and writes a table and a plot of them.
func grow(ctx context.Context, o options, w io.Writer) error {
	g := growth{options: o}
	for _, o.Records = range o.Growth {
		all, err := measure(ctx, o)
		if err != nil {
			return fmt.Errorf("%d records: %w", o.Records, err)
		}
		g.of = append(g.of, all)
	}
	text := g.table()
	if _, err := io.WriteString(w, text); err != nil || o.Out == "" {
		return err
	}
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.Out, "growth.md"), []byte(text), 0o644); err != nil {
		return err
	}
	for _, store := range o.Stores {
		if err := g.plot(filepath.Join(o.Out, "growth-"+store+".svg"), store); err != nil {
			return err
		}
	}
	return nil
}

// shown are the scenarios of many records. The time of the others is that of a run.
func (g growth) shown() []scenario {
	return slices.DeleteFunc(g.scenarios(), func(s scenario) bool { return s.name == "since" })
}

// table is what was measured, as Markdown: records a second, and the client's memory.
func (g growth) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Records of about %d bytes, scopes in the table: %d, rounds: %d; records/s, peak MB\n\n| rows of the scope |", g.Bytes, g.Scopes, g.Rounds)
	for _, n := range g.Growth {
		fmt.Fprintf(&b, " %d |", n)
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", len(g.Growth)) + "\n")
	for _, store := range g.Stores {
		for _, s := range g.shown() {
			fmt.Fprintf(&b, "| %s, %s |", store, s.title)
			for _, all := range g.of {
				k := key{store, s.name, s.contender}
				fmt.Fprintf(&b, " %.0f, %.0f |", all.of(k, measurement.rate).middle, all.of(k, func(m measurement) float64 { return float64(m.Peak) / 1e6 }).middle)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// plot draws the time of each record of a run by the size of the scope, into an SVG file. A
// line that does not rise is a run that grows no faster than its rows.
func (g growth) plot(path, store string) error {
	colors := []string{"1f6feb", "2da44e", "d9822b", "8250df", "9e9e9e", "b35c00"}
	var lines []chart.Series
	most := 0.0
	for i, s := range g.shown() {
		line := chart.ContinuousSeries{Name: s.title, Style: chart.Style{StrokeColor: drawing.ColorFromHex(colors[i%len(colors)]), StrokeWidth: 2}}
		for n, all := range g.of {
			micros := 1e6 / all.of(key{store, s.name, s.contender}, measurement.rate).middle
			line.XValues, line.YValues = append(line.XValues, math.Log10(float64(g.Growth[n]))), append(line.YValues, micros)
			most = max(most, micros)
		}
		lines = append(lines, line)
	}
	var ticks []chart.Tick
	for _, n := range g.Growth {
		ticks = append(ticks, chart.Tick{Value: math.Log10(float64(n)), Label: fmt.Sprint(n)})
	}
	c := chart.Chart{
		Title: store + ": µs a record, by rows of the scope", TitleStyle: chart.Style{FontSize: 12}, Width: 900, Height: 420,
		Background: chart.Style{Padding: chart.Box{Top: 40, Left: 260, Right: 10, Bottom: 10}},
		XAxis:      chart.XAxis{Ticks: ticks},
		YAxis:      chart.YAxis{Range: &chart.ContinuousRange{Min: 0, Max: most * 1.1}, ValueFormatter: func(v any) string { return fmt.Sprintf("%.0f", v) }},
		Series:     lines,
	}
	c.Elements = []chart.Renderable{chart.LegendLeft(&c)}
	var b bytes.Buffer
	if err := c.Render(chart.SVG, &b); err != nil {
		return fmt.Errorf("plot the growth of %s: %w", store, err)
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
