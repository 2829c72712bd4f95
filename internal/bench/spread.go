package main

import (
	"fmt"
	"slices"
)

// spread is the median of some figures, and the least and the most.
type spread struct{ least, middle, most float64 }

func spreadOf(figures []float64) spread {
	if len(figures) == 0 {
		return spread{}
	}
	slices.Sort(figures)
	n := len(figures)
	return spread{figures[0], (figures[(n-1)/2] + figures[n/2]) / 2, figures[n-1]}
}

// of is the spread of a figure over the rounds.
func (all results) of(k key, figure func(measurement) float64) spread {
	var figures []float64
	for _, m := range all[k] {
		figures = append(figures, figure(m))
	}
	return spreadOf(figures)
}

// ratio is how many times as fast as another contender this library is: round by
// round, as the machine is not equally fast in all of them.
func (all results) ratio(store, name, contender string) spread {
	own, other := all[key{store, name, ours}], all[key{store, name, contender}]
	var figures []float64
	for i := range min(len(own), len(other)) {
		figures = append(figures, own[i].rate()/other[i].rate())
	}
	return spreadOf(figures)
}

// rate is records a second.
func (m measurement) rate() float64 { return float64(m.Records) / m.Seconds }

// each is a figure by record.
func (m measurement) each(figure float64) float64 { return figure / max(1, float64(m.Records)) }

// format writes the median and, where there are rounds, the spread.
func (s spread) format(verb string, rounds int) string {
	if s == (spread{}) {
		return ""
	}
	if rounds < 2 {
		return fmt.Sprintf(verb, s.middle)
	}
	return fmt.Sprintf(verb+" ("+verb+"–"+verb+")", s.middle, s.least, s.most)
}
