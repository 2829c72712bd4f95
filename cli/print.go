package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"
	"golang.org/x/term"
)

// output prints for people, or for programs.
type output struct {
	json     bool
	now      func() time.Time
	width    int // of the terminal, where it is not asked for
	out, err io.Writer
}

// printable escapes what is not plain text, such as what a remote sent to move the cursor.
func printable(s string) string {
	if !strings.ContainsFunc(s, odd) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if odd(r) {
			b.WriteString(strings.Trim(fmt.Sprintf("%q", r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// oneLine is printable, and keeps a name from being taken for two lines.
func oneLine(s string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(printable(s))
}

func odd(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }

// line prints a line for people.
func (o *output) line(format string, args ...any) {
	fmt.Fprintln(o.out, printable(fmt.Sprintf(format, args...)))
}

// note prints a line that is not part of the output.
func (o *output) note(format string, args ...any) {
	fmt.Fprintln(o.err, printable(fmt.Sprintf(format, args...)))
}

// object prints a line of JSON.
func (o *output) object(v any) error {
	text, err := json.Marshal(v, json.Deterministic(true))
	if err == nil {
		_, err = fmt.Fprintf(o.out, "%s\n", text)
	}
	return err
}

// columns returns how wide lines may be: 0 where nobody looks at them in a terminal.
func (o *output) columns() int {
	if o.width > 0 {
		return o.width
	}
	if fd, ok := terminal(o.out); ok {
		if width, _, err := term.GetSize(fd); err == nil {
			return width
		}
	}
	return 0
}

// terminal returns the descriptor of a writer that is a terminal.
func terminal(w io.Writer) (fd int, ok bool) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	return int(f.Fd()), true
}

// table prints rows below their heads. What does not fit into the terminal's width is cut.
func (o *output) table(head []string, rows [][]string) { o.tableOf(head, rows, false) }

// tableOf is table. With whole, the last cell of a row that is cut is printed below it.
func (o *output) tableOf(head []string, rows [][]string, whole bool) {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	var last []string
	width := o.columns()
	for _, cells := range append([][]string{head}, rows...) {
		clean := make([]string, len(cells))
		for i, c := range cells {
			clean[i] = strings.Join(strings.Fields(printable(c)), " ")
			if i < len(cells)-1 { // a long name hides nothing beside it
				clean[i] = cut(clean[i], width/3)
			}
		}
		last = append(last, clean[len(clean)-1])
		fmt.Fprintln(w, strings.Join(clean, "\t"))
	}
	_ = w.Flush() // into a strings.Builder
	out := bufio.NewWriter(o.out)
	for line := range strings.Lines(b.String()) {
		line = strings.TrimRight(line, " \n")
		fits := cut(line, width)
		if whole && fits != line && strings.HasSuffix(line, last[0]) {
			fits = strings.TrimRight(strings.TrimSuffix(line, last[0]), " ") + "\n  " + last[0]
		}
		fmt.Fprintln(out, fits)
		last = last[1:]
	}
	_ = out.Flush() // a pipe that is closed ends the program
}

// cut keeps what fits.
func cut(s string, width int) string {
	if r := []rune(s); width > 0 && len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return s
}

// ago spells how long ago a time was, or how long it is until then.
func (o *output) ago(at time.Time) string {
	switch d := o.now().Sub(at); {
	case at.IsZero():
		return "never"
	case d < 0:
		return "in " + span(-d)
	default:
		return span(d) + " ago"
	}
}

// span spells a duration by its largest unit.
func span(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "min"}} {
		if d < u.size {
			continue
		}
		n := int(d / u.size)
		if n > 1 && u.name != "min" {
			return fmt.Sprintf("%d %ss", n, u.name)
		}
		return fmt.Sprintf("%d %s", n, u.name)
	}
	return fmt.Sprintf("%d s", int(d/time.Second))
}

// count spells how many there are.
func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// moment is a time in JSON: left out where it is never.
func moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}
