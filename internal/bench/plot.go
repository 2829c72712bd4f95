package main

import (
	"bytes"
	"fmt"
	"math"
	"os"

	"github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// plot draws records a second as bars, into an SVG file.
func plot(path, store string, all results) error {
	colors := map[string]string{limit: "9e9e9e", hand: "d9822b", careful: "b35c00", gormORM: "e0b080", bunORM: "e8c9a0", ours: "1f6feb"}
	var bars []chart.Value
	for _, s := range shown(scenarios) {
		k := key{store, s.name, s.contender}
		if len(all[k]) == 0 || s.name == "since" { // few records: a rate says little
			continue
		}
		color := drawing.ColorFromHex(colors[s.contender])
		bars = append(bars, chart.Value{
			Label: s.name + ": " + s.contender,
			Value: all.of(k, measurement.rate).middle,
			Style: chart.Style{FillColor: color, StrokeColor: color},
		})
	}
	if len(bars) == 0 {
		return nil
	}
	most := 0.0
	for _, bar := range bars {
		most = max(most, bar.Value)
	}
	step := math.Pow(10, math.Floor(math.Log10(most)))
	var ticks []chart.Tick
	for value := 0.0; len(ticks) == 0 || ticks[len(ticks)-1].Value < most; value += step {
		ticks = append(ticks, chart.Tick{Value: value, Label: fmt.Sprintf("%.0f", value)})
	}
	c := chart.BarChart{
		Title: store + ": records a second", Width: 120*len(bars) + 120, Height: 420, BarWidth: 60, BarSpacing: 60,
		Background: chart.Style{Padding: chart.Box{Top: 40, Left: 10, Right: 10, Bottom: 45}},
		YAxis: chart.YAxis{
			Range: &chart.ContinuousRange{Min: 0, Max: ticks[len(ticks)-1].Value},
			Ticks: ticks,
		},
		Bars: bars,
	}
	var b bytes.Buffer
	if err := c.Render(chart.SVG, &b); err != nil {
		return fmt.Errorf("plot %s: %w", store, err)
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
