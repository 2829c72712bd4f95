package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// list is what the server has in memory: each record of variant 0, one after
// another with commas between, and those that other variants have otherwise.
type list struct {
	latency time.Duration
	all     []byte
	ends    []int             // of each record in all, without its comma
	other   map[[2]int][]byte // by version and record
	has     [variants][]int32 // the records of each variant
	changed [variants][]int32 // and those that changed lately
}

// serve is the process of the server: it reads the options, writes its base URL,
// and ends when its input does.
func serve(ctx context.Context, in io.Reader, w io.Writer) error {
	lines := bufio.NewReader(in)
	line, err := lines.ReadBytes('\n')
	if err != nil {
		return err
	}
	var o options
	if err := json.Unmarshal(line, &o); err != nil {
		return err
	}
	l := newList(o)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: l, ReadHeaderTimeout: time.Minute}
	ctx, end := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, lines)
		end()
	}()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Fprintf(w, "http://%s\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// startServer starts that process, and gives its base URL and what ends it.
func startServer(ctx context.Context, o options) (string, func() error, error) {
	cmd, err := self(ctx, "serve")
	if err != nil {
		return "", nil, err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop := func() error { return errors.Join(in.Close(), cmd.Wait()) }
	if err := json.NewEncoder(in).Encode(o); err != nil {
		return "", nil, errors.Join(err, stop())
	}
	base, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("the server did not start: %w", err), stop())
	}
	return strings.TrimSpace(base), stop, nil
}

// roleVariable says which part of the program a process is for.
const roleVariable = "SYNCED_BENCH_ROLE"

// self is another process of this program.
func self(ctx context.Context, role string) (*exec.Cmd, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	return cmd, nil
}

func newList(o options) *list {
	l := &list{latency: o.Latency, other: map[[2]int][]byte{}}
	r := renderer{shape: o.Shape, bytes: o.Bytes, accents: o.Accents}
	l.all = make([]byte, 0, o.Records*(o.Bytes+16))
	for i := range o.Records {
		l.all = r.render(l.all, i, 0)
		l.ends = append(l.ends, len(l.all))
		l.all = append(l.all, ',')
		for v := range variants {
			if version := versionIn(v, i); version > 0 && l.other[[2]int{version, i}] == nil {
				l.other[[2]int{version, i}] = r.render(nil, i, version)
			}
			if !goneIn(v, i) {
				l.has[v] = append(l.has[v], int32(i))
			}
			if changedIn(v, i) {
				l.changed[v] = append(l.changed[v], int32(i))
			}
		}
	}
	return l
}

// ServeHTTP answers /v0/rentals and /v0/rentals/1.
func (l *list) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(l.latency)
	var variant, id int
	if _, err := fmt.Sscanf(r.URL.Path, "/v%d/rentals/%d", &variant, &id); variant >= variants || err != nil && id != 0 {
		http.NotFound(w, r)
		return
	}
	query := r.URL.Query()
	chosen := l.has[variant]
	switch {
	case id > 0:
		chosen = l.only(variant, strconv.Itoa(id))
		if len(chosen) == 0 {
			http.NotFound(w, r)
			return
		}
	case query.Has("ids"):
		chosen = l.only(variant, strings.Split(query.Get("ids"), ",")...)
	case query.Has("updated_since"):
		chosen = l.changed[variant]
	}
	page := max(1, atoi(query.Get("page")))
	perPage := atoi(query.Get("per_page"))
	if perPage < 1 {
		perPage = 500
	}
	from := min(len(chosen), (page-1)*perPage)
	to := min(len(chosen), from+perPage)
	header := w.Header()
	header.Set("X-Total-Count", strconv.Itoa(len(chosen)))
	header.Set("X-Updated-Since-Request-Synced-At", time.Now().UTC().Format(time.RFC3339Nano))
	if to < len(chosen) {
		header.Set("Link", fmt.Sprintf(`<%s>; rel="next"`, next(r.URL, page+1)))
	}
	l.answer(w, variant, chosen[from:to])
}

func next(u *url.URL, page int) string {
	query := u.Query()
	query.Set("page", strconv.Itoa(page))
	return u.Path + "?" + query.Encode()
}

// only is those of the ids that a variant has.
func (l *list) only(variant int, ids ...string) []int32 {
	var chosen []int32
	for _, id := range ids {
		if i, has := slices.BinarySearch(l.has[variant], int32(atoi(id)-1)); has {
			chosen = append(chosen, l.has[variant][i])
		}
	}
	return chosen
}

// answer writes records. Those that stand together in memory are written
// together, so that it costs next to nothing.
func (l *list) answer(w http.ResponseWriter, variant int, chosen []int32) {
	parts := net.Buffers{[]byte(`{"rentals":[`)}
	from, to := -1, -1 // in l.all
	flush := func() {
		if from >= 0 {
			parts = append(parts, l.all[from:to])
		}
		from = -1
	}
	for n, i := range chosen {
		changed := l.other[[2]int{versionIn(variant, int(i)), int(i)}]
		begin := 0
		if i > 0 {
			begin = l.ends[i-1] + 1
		}
		if from >= 0 && changed == nil && begin == to+1 {
			to = l.ends[i]
			continue
		}
		flush()
		if n > 0 {
			parts = append(parts, []byte(","))
		}
		if changed != nil {
			parts = append(parts, changed)
			continue
		}
		from, to = begin, l.ends[i]
	}
	flush()
	parts = append(parts, []byte(`],"meta":{"deleted_ids":[]}}`))
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(size))
	_, _ = parts.WriteTo(w) // a client that has gone away
}

// atoi is a number, and 0 for what is none.
func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
