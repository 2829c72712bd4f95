package remotetest

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"
)

// Export is an API whose lists are made by jobs. The request of a list answers 202, with
// the URL of the job in Location and {"id":"1","state":"running"}, and takes the records as
// they are then. GET exports/1 is the same, with 202, until the job is done. It is then
//
//	{"id":"1","state":"done","started_at":"2026-01-01T12:00:00Z","total":8,"files":[{"url":"http://…"}]}
//
// Its files are as [Style.Format] says, on a host of their own: [Server.Files]. Their
// URLs have a signature, and a request with credentials is a 400, as with services that
// hold files. DELETE exports/1 forgets the job and its files, see [Server.Exports].
type Export struct {
	// Polls is how often a job is asked for before it is done. Defaults to 1; negative is
	// at once.
	Polls int
	// Files is over how many files the records are dealt. Defaults to 1.
	Files int
	// Link leaves out the files' URLs, and GET exports/1/result redirects to the first.
	Link bool
}

func (e Export) withDefaults() *Export {
	e.Polls, e.Files = cmp.Or(e.Polls, 1), max(e.Files, 1)
	return &e
}

// exports are the jobs of a server. The server's mu guards them.
type exports struct {
	server *Server
	http   *httptest.Server // holds the files; nil without exports
	byID   map[string]*export
	count  int // also those that were deleted
}

// export is a job.
type export struct {
	owner   *Account
	id      string
	started string
	polls   int // that it is not done yet
	files   [][]byte
	total   int
}

// serve starts the host of the files, where there are exports.
func (x *exports) serve() {
	if x.server.config.Export == nil {
		return
	}
	x.http = httptest.NewUnstartedServer(http.HandlerFunc(x.file))
	x.http.Config.ConnContext = withConnection
	x.http.Start()
}

// close stops it.
func (x *exports) close() {
	if x.http != nil {
		x.http.CloseClientConnections()
		x.http.Close()
	}
}

// Files returns the URL of the host on which the files of exports are, "" without
// [Config.Export].
func (s *Server) Files() string {
	if s.exports.http == nil {
		return ""
	}
	return s.exports.http.URL
}

// Exports returns how many jobs there are that were not deleted.
func (s *Server) Exports() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.exports.byID)
}

// start starts a job that lists records.
func (x *exports) start(a *Account, req Request, records []*entry) *answer {
	config, style := x.server.config.Export, x.server.config.Style
	x.count++
	e := &export{owner: a, id: strconv.Itoa(x.count), started: req.At.Format(time.RFC3339), polls: config.Polls, total: len(records)}
	most := (len(records) + config.Files - 1) / config.Files
	for n := range config.Files {
		text := style.Format.write(records[min(n*most, len(records)):min((n+1)*most, len(records))], style.ID)
		if style.GzipFile {
			text = packed(text)
		}
		e.files = append(e.files, text)
	}
	x.byID[e.id] = e
	return x.state(e, http.StatusAccepted)
}

// job answers a request about a job, nil for any other.
func (x *exports) job(a *Account, req Request) *answer {
	rest, ok := strings.CutPrefix(req.Collection, "exports/")
	if x.http == nil || !ok {
		return nil
	}
	id, result := strings.CutSuffix(rest, "/result")
	e := x.byID[id]
	switch {
	case e == nil || e.owner != a:
		return problem(http.StatusNotFound, "not_found", "there is no such export")
	case req.Method == http.MethodDelete:
		delete(x.byID, id)
		return &answer{status: http.StatusNoContent, header: http.Header{}}
	case req.Method != http.MethodGet:
		return problem(http.StatusMethodNotAllowed, "method_not_allowed", "only GET and DELETE")
	case e.polls > 0:
		if !result {
			e.polls--
		}
		return x.state(e, http.StatusAccepted)
	case result:
		return &answer{status: http.StatusFound, header: http.Header{"Location": {x.url(e, 0)}}}
	}
	return x.state(e, http.StatusOK)
}

// state tells how a job is.
func (x *exports) state(e *export, status int) *answer {
	body := Record{"id": e.id, "state": "running", "started_at": e.started}
	if status == http.StatusOK {
		body["state"], body["total"] = "done", e.total
		if !x.server.config.Export.Link {
			files := []Record{}
			for n := range e.files {
				files = append(files, Record{"url": x.url(e, n)})
			}
			body["files"] = files
		}
	}
	return &answer{status: status, body: encode(body), header: http.Header{
		"Content-Type": {"application/json"}, "Location": {x.server.URL() + "/exports/" + e.id},
	}}
}

// url is where a file is, for whoever has that URL.
func (x *exports) url(e *export, n int) string {
	path := fmt.Sprintf("/files/%s/%d", e.id, n+1)
	return x.http.URL + path + "?Expires=3600&Signature=" + signature(path)
}

func signature(path string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte("signed " + path))
	return fmt.Sprintf("%016x", h.Sum64())
}

// file answers a request for a file.
func (x *exports) file(w http.ResponseWriter, r *http.Request) {
	s := x.server
	req := newRequest(r, &s.config, s.clock.request())
	req.Path, req.Collection = r.URL.Path, strings.TrimPrefix(r.URL.Path, "/")
	id := s.log.add(req)
	s.mu.Lock()
	a := x.found(req)
	s.mu.Unlock()
	a.header.Set("X-Request-Id", id)
	s.send(w, r, a, s.faults.take(req, firstOfConnection(r)))
}

// found answers it.
func (x *exports) found(req Request) *answer {
	given := req.Query.Get("Signature")
	refuse := func(status int, code string) *answer {
		body := fmt.Sprintf("<?xml version=\"1.0\"?><Error><Code>%s</Code><Provided>%s</Provided></Error>", code, given)
		return &answer{status: status, header: http.Header{"Content-Type": {"application/xml"}}, body: []byte(body)}
	}
	job, number, _ := strings.Cut(strings.TrimPrefix(req.Collection, "files/"), "/")
	e := x.byID[job]
	n, err := strconv.Atoi(number)
	switch {
	case given != signature(req.Path):
		return refuse(http.StatusForbidden, "SignatureDoesNotMatch")
	case req.Token != "" || req.Header.Get("Authorization") != "":
		return refuse(http.StatusBadRequest, "InvalidArgument")
	case e == nil || err != nil || n < 1 || n > len(e.files):
		return refuse(http.StatusNotFound, "NoSuchKey")
	}
	return &answer{status: http.StatusOK, header: http.Header{"Content-Type": {"binary/octet-stream"}}, body: e.files[n-1]}
}
