package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/syncedgo/synced"
	"github.com/syncedgo/synced/observe"
)

// checkJSON is what a check found. It is what apply reads.
type checkJSON struct {
	Model  string       `json:"model"`
	Scope  string       `json:"scope,omitempty"`
	Parent bool         `json:"parent,omitzero"`
	Passed bool         `json:"passed"`
	Diff   *synced.Diff `json:"diff,omitempty"`
	Error  string       `json:"error,omitempty"`
}

func checkCommand(a *app) *cobra.Command {
	var at *where
	var jobs int
	cmd := a.ofModels("check", "Compare with the remote and write nothing; exit code 1: differs", func(cmd *cobra.Command, args []string) error {
		list, err := a.targets(cmd.Context(), args, at)
		if err != nil {
			return err
		}
		if jobs < 1 {
			return fmt.Errorf("--jobs %d: give at least 1", jobs)
		}
		if list, err = eachParent(cmd.Context(), list); err != nil {
			return err
		}
		return a.check(cmd.Context(), list, jobs)
	})
	at = a.scoped(cmd).parented(cmd)
	cmd.Flags().IntVar(&jobs, "jobs", 4, "how many scopes to compare at once")
	return cmd
}

func (a *app) check(ctx context.Context, list []target, jobs int) error {
	p := a.progress(list)
	ctx, s := a.listen(ctx, p, false)
	defer s.end()
	ctx = observe.With(ctx, p)
	brief := p.shows() && len(list) > manyRuns
	differ, failed, ended, records := 0, 0, 0, 0
	beside(list, jobs, s, func(t target) {
		diff, err := t.Check(ctx, t.scope)
		if s.stopped() && errors.Is(err, context.Canceled) {
			return
		}
		p.ran(func() {
			ended++
			switch {
			case err != nil:
				failed++
			case !diff.Passed():
				differ++
			}
			if diff != nil {
				records += diff.Compared
			}
			if err != nil || !brief || !diff.Passed() {
				a.compared(t, diff, err)
			}
		})
	})
	p.end()
	if !a.json && (brief || len(list) == 0) {
		a.line("%s: %d compared, %d differ", count(ended, "check"), records, differ)
	}
	return checked(len(list), ended, failed, differ)
}

// checked is the error of checks that failed, were not begun, or found a difference.
func checked(of, ended, failed, differ int) error {
	text := ""
	if failed > 0 {
		text = fmt.Sprintf("%d of %s failed", failed, count(of, "check"))
	}
	if ended < of {
		text = and(text, fmt.Sprintf("told to stop: %d of %s not done", of-ended, count(of, "check")))
	}
	if differ > 0 {
		text = and(text, fmt.Sprintf("%d of %s differ", differ, count(of, "scope")))
	}
	switch {
	case failed > 0:
		return errors.New(text)
	case ended < of:
		return &codeError{codeStopped, text}
	case differ > 0:
		return &codeError{codeDiffers, text}
	}
	return nil
}

// and joins two parts of a message.
func and(text, more string) string {
	if text == "" {
		return more
	}
	return text + "; " + more
}

// compared tells what one check found.
func (a *app) compared(t target, diff *synced.Diff, err error) {
	if a.json {
		found := checkJSON{Model: t.Name(), Scope: t.scope.String(), Parent: t.parent}
		if err != nil {
			found.Error = err.Error()
		} else {
			found.Passed, found.Diff = diff.Passed(), diff
		}
		_ = a.object(found) // a pipe that is closed ends the program
		return
	}
	if err != nil {
		a.note("%v", err)
		return
	}
	a.diff(diff)
}

// diff prints a diff.
func (o *output) diff(d *synced.Diff) {
	for line := range strings.Lines(d.String()) {
		line = strings.TrimRight(line, " \n")
		if strings.HasPrefix(line, "  ") { // of the table
			line = cut(line, o.columns())
		}
		o.line("%s", line)
	}
}

func applyCommand(a *app) *cobra.Command {
	var allow bool
	cmd := &cobra.Command{
		Use: "apply file", Short: "Do what check --json found, from a file, or - for the input", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := cmd.InOrStdin()
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				in = f
			}
			return a.apply(cmd.Context(), in, allow)
		},
	}
	cmd.Flags().BoolVar(&allow, "allow-removal", false, "remove also more rows than the limit, or all")
	return cmd
}

func (a *app) apply(ctx context.Context, in io.Reader, allow bool) error {
	ctx, s := a.listen(ctx, &progress{}, false)
	defer s.end()
	found, err := read(in)
	if err != nil {
		return err
	}
	t := tally{app: a, of: len(found)}
	targets, err := a.meant(ctx, found) // all of them are known before the first is applied
	if err != nil {
		return err
	}
	for i, to := range targets {
		result, err := to.Apply(ctx, to.scope, found[i].Diff, synced.Call{AllowRemoval: allow})
		t.tell(to, result, err)
	}
	return t.end()
}

// read reads what check --json has printed. What passed, or failed, is left out.
func read(in io.Reader) (list []checkJSON, err error) {
	for d := jsontext.NewDecoder(in); ; {
		var one checkJSON
		err := json.UnmarshalDecode(d, &one)
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("what check --json printed can't be read: %w", err)
		}
		if one.Model == "" {
			return nil, errors.New("no model is named: give what check --json printed")
		}
		if one.Diff != nil && !one.Passed {
			list = append(list, one)
		}
	}
}

// meant returns the targets of diffs. The scopes of each model are asked for once.
func (b *book) meant(ctx context.Context, found []checkJSON) (list []target, err error) {
	scopes := map[string]map[string]target{}
	for _, one := range found {
		if scopes[one.Model] == nil && !one.Parent {
			all, err := b.targets(ctx, []string{one.Model}, &where{})
			if err != nil {
				return nil, err
			}
			scopes[one.Model] = map[string]target{}
			for _, t := range all {
				scopes[one.Model][t.scope.String()] = t
			}
		}
		to, ok := scopes[one.Model][one.Scope]
		if !ok || one.Parent {
			w := &where{}
			switch {
			case one.Parent:
				w.parents = []string{one.Scope}
			case one.Scope != "":
				w.scopes = []string{one.Scope}
			}
			if to, err = b.one(ctx, []string{one.Model}, w); err != nil {
				return nil, err
			}
		}
		list = append(list, to)
	}
	return list, nil
}
