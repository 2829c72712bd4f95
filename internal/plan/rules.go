package plan

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// checkRules finds rules that can't hold: of a field that nothing fills, and two of one
// field that leave no value.
func (p builder) checkRules() error {
	if p.validate == nil {
		return nil
	}
	for _, f := range p.fields {
		rules := p.typ.FieldByIndex(f.index).Tag.Get("validate")
		if rules == "" || rules == "-" {
			continue
		}
		if a, b := contradiction(rules, f.typ); a != "" {
			return fmt.Errorf("field %s: its rules %q and %q never hold together: change one", f.name, a, b)
		}
		if rule := p.neverHolds(f, rules); rule != "" {
			return fmt.Errorf("field %s: no attribute fills it, so it is empty in each run, and its rule %q never holds: drop the rule", f.name, rule)
		}
	}
	return nil
}

// neverHolds returns the rule of one of the service's own fields that an empty value
// breaks, or "". A Map may set any.
func (p builder) neverHolds(f *field, rules string) (rule string) {
	if p.mapping != nil || !f.own() || f.parent || f.column == p.scope {
		return ""
	}
	for rule := range strings.SplitSeq(rules, ",") {
		if strings.HasPrefix(rule, "omit") || rule == "dive" {
			return ""
		}
		if breaksRule(p.Plan, f.typ, rule) {
			return rule
		}
	}
	return ""
}

// breaksRule reports whether an empty value breaks a rule that is about it alone.
func breaksRule(p *Plan, typ reflect.Type, rule string) (broken bool) {
	defer func() {
		if recover() != nil {
			broken = false // the rule is about other fields
		}
	}()
	return p.validate.Var(reflect.Zero(typ).Interface(), rule) != nil
}

// bounds are the rules that set the least or the greatest value or length. Those that
// exclude the bound itself count as if they did not.
var bounds = map[string]struct{ least, most bool }{
	"min": {least: true}, "gte": {least: true}, "gt": {least: true}, "max": {most: true}, "lte": {most: true}, "lt": {most: true},
	"len": {true, true}, "eq": {true, true},
}

// contradiction returns two rules of a field that leave no value, or "".
func contradiction(rules string, typ reflect.Type) (a, b string) {
	var least, most float64
	var leastRule, mostRule string
	numbers := element(typ).Kind() != reflect.Bool
	for rule := range strings.SplitSeq(rules, ",") {
		name, param, _ := strings.Cut(rule, "=")
		x, err := strconv.ParseFloat(param, 64)
		bound, known := bounds[name]
		switch {
		case strings.Contains(rule, "|") || rule == "dive":
			return "", ""
		case !known || err != nil || !numbers || name == "eq" && element(typ).Kind() == reflect.String:
			continue
		}
		if bound.least && (leastRule == "" || x > least) {
			least, leastRule = x, rule
		}
		if bound.most && (mostRule == "" || x < most) {
			most, mostRule = x, rule
		}
	}
	if leastRule != "" && mostRule != "" && least > most {
		return leastRule, mostRule
	}
	return "", ""
}
