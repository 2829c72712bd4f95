package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Export is a list that a job of the remote's makes. The request of the list, with all
// its parameters, starts the job; it is asked how it is until it is done; its files, each
// as Config.Body says, are then downloaded, and are the list. Config.TotalPath and
// SyncedAtPath are paths in the answer to the start, or in that which says that it is done.
//
//	Config{
//		Parameters: Parameters{JSON: `{"type":"orders"}`}, // POST exports {"type":"orders","updated_since":"…"}
//		Body:       NDJSON{},
//		Export: &Export{
//			Job:   "id",
//			Poll:  Step{Path: "exports/%s"},
//			State: "status", Done: []string{"done"}, Failed: []string{"failed"},
//			Files: "url", Hosts: []string{"https://files.example.com"},
//		},
//	}
//
// The time that a run stores is that of the start: of its answer, or at SyncedAtPath.
// A start by POST is not repeated, unless the remote did nothing with it: it would make
// another job. A run that is killed leaves its job behind, and the next one starts
// another; one that fails or is canceled leaves it as Cancel and Delete say.
type Export struct {
	// Job is where the answer to the start has the id of the job, or the URL that it is
	// asked at: "id", "links.status". Defaults to the header Location,
	// Content-Location or Operation-Location. The id in a URL is the last part of its path.
	Job string
	// Poll asks for the job's state. Defaults to a GET of the job's URL.
	Poll Step
	// State is where the answer to that has the job's state: a text, a number, true or
	// false. Done are those in which its files are there, Failed those in which
	// they never will be; it is asked again in any other. Defaults to none: it is asked
	// again after a 202, a redirect is where its file is, and any other good answer is that
	// it is done.
	State        string
	Done, Failed []string
	// Reason is where that answer says why the job failed, for the error. Defaults to
	// none.
	Reason string
	// Files is where the answer that the job is done has the URL of its file, or a list
	// of URLs, or of objects with one: "result.url", "output.url". Null and an empty
	// list are no records; none at all is an error unless Config.RecordsOmitted. Defaults to
	// none: Download is asked.
	Files string
	// Download asks for the file where no answer has its URL. Config.Pagination,
	// a LinkHeader or a Cursor with a Header, then leads to the next one, and
	// Config.PerPage is sent to it. Defaults to none.
	Download Step
	// Hosts are where files may be besides BaseURL and Config.Hosts, such as
	// "https://storage.example.com", or "https://*.example.com" for any host below it.
	// They get neither the credentials nor Config.Header; the query of such a URL is a
	// credential itself, and in no error. Config.HTTP asks them as well. A file that is
	// elsewhere is [remote.ErrForeignURL]. Defaults to none.
	Hosts []string
	// Interval is the longest wait between two questions: the first is after a second,
	// and each is twice as long, unless the remote tells by Retry-After. Defaults to 30
	// seconds.
	Interval time.Duration
	// MaxTime is how long a job may take until it is done: what takes longer is an error.
	// Defaults to an hour.
	MaxTime time.Duration
	// Cancel stops a job that is left before it is done, as when the run is canceled;
	// then Delete deletes it, as it does a job whose files are here. An error
	// of theirs is told only beside another one. They default to none.
	Cancel, Delete Step
}

// Step is a request about the job of an [Export]. The zero value is none.
type Step struct {
	// Method defaults to GET, and to POST where Parameters are in a body.
	Method string
	// Path is the address below BaseURL with %s in place of the job's id:
	// "jobs/%s/results". With two, the first is in place of the endpoint. Defaults to the
	// job's URL.
	Path string
	// Param names a parameter for the job's id: Path then needs no %s. Defaults to none.
	Param string
	// Parameters is how the request carries it, and what is sent with it.
	Parameters Parameters
}

// none reports whether there is no such step.
func (s Step) none() bool {
	return s.Method == "" && s.Path == "" && s.Param == "" && !s.Parameters.moves()
}

// validate returns what is wrong with a step.
func (s Step) validate(name string) error {
	n := strings.Count(s.Path, "%s")
	switch {
	case s.Path != "" && s.Param == "" && n == 0:
		return fmt.Errorf("export: %s: path %q: want %%s where the job's id goes, as in %q, or Param", name, s.Path, "jobs/%s")
	case n > 2:
		return fmt.Errorf("export: %s: path %q: want %%s once or twice", name, s.Path)
	case s.Path == "" && s.Param != "":
		return fmt.Errorf("export: %s: Param without a Path", name)
	}
	if err := s.Parameters.validate(Config{}); err != nil {
		return fmt.Errorf("export: %s: %w", name, err)
	}
	return nil
}

// withDefaults fills the zero values.
func (e Export) withDefaults() *Export {
	setDefault(&e.Interval, 30*time.Second)
	setDefault(&e.MaxTime, time.Hour)
	for _, s := range []*Step{&e.Poll, &e.Download, &e.Cancel, &e.Delete} {
		s.Parameters = s.Parameters.withDefaults()
		if s.Method == "" && s.Parameters.posts() {
			s.Method = http.MethodPost
		}
	}
	return &e
}

// validate returns what is wrong with the settings, and with others beside them.
func (e *Export) validate(c Config) error {
	if e == nil {
		return nil
	}
	switch {
	case c.Body == nil:
		return errors.New("export: set Body to what its files are: NDJSON, CSV or JSONArray")
	case c.Conditional:
		return errors.New("export: Conditional: an answer that starts a job stands for no list")
	case c.IDs.Param != "":
		return errors.New("export: IDs would start a job for some records: leave it out, and declare Record where single ones have an address")
	case c.Position.Path != "":
		return errors.New("export: Position: an export gives none")
	case e.State == "" && len(e.Done)+len(e.Failed) > 0:
		return errors.New("export: Done or Failed without the State that they are about")
	case e.State != "" && len(e.Done) == 0:
		return errors.New("export: State without Done, the values in which the files are there")
	case e.Reason != "" && len(e.Failed) == 0:
		return errors.New("export: Reason without Failed")
	case e.Files != "" && !e.Download.none():
		return errors.New("export: Files and Download: want one of them")
	case e.State != "" && e.Files == "" && e.Download.none():
		return errors.New("export: set Files, where the answer has the URLs of the files, or Download, which asks for them")
	case c.Pagination != nil && e.Download.none():
		return errors.New("export: Pagination without Download, whose files it leads through")
	case e.Interval < 0 || e.MaxTime < 0:
		return fmt.Errorf("export: interval %v, max time %v: want more than 0", e.Interval, e.MaxTime)
	}
	for _, host := range e.Hosts {
		if u, err := url.Parse(host); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/")+u.RawQuery != "" || u.User != nil || strings.Contains(strings.TrimPrefix(u.Host, "*."), "*") {
			return fmt.Errorf("export: host %q: want https://host, or https://*.host", shorten(host))
		}
	}
	switch p := c.Pagination.(type) {
	case nil, LinkHeader:
	case Cursor:
		if p.Header == "" || p.MorePath != "" || p.EndPath != "" {
			return errors.New("export: a Cursor between files is one with a Header, and without MorePath and EndPath: a file has no envelope")
		}
	case NextURL, PageNumber, Offset, Sequence, OnePage:
		return fmt.Errorf("export: %T: the files of Download follow each other by LinkHeader, or a Cursor with a Header", p)
	}
	return errors.Join(e.Poll.validate("Poll"), e.Download.validate("Download"), e.Cancel.validate("Cancel"), e.Delete.validate("Delete"))
}

// holds reports whether files may be at a URL, without the credentials.
func (e *Export) holds(u *url.URL) bool {
	for _, host := range e.Hosts {
		at, err := url.Parse(host)
		if err != nil || !strings.EqualFold(at.Scheme, u.Scheme) || portOf(at) != portOf(u) {
			continue
		}
		name, asked := strings.ToLower(at.Hostname()), strings.ToLower(u.Hostname())
		if below, any := strings.CutPrefix(name, "*."); any && strings.HasSuffix(asked, "."+below) || name == asked {
			return true
		}
	}
	return false
}

// portOf is a URL's port, "" for that of its scheme.
func portOf(u *url.URL) string {
	port := u.Port()
	if port == "443" && strings.EqualFold(u.Scheme, "https") || port == "80" && strings.EqualFold(u.Scheme, "http") {
		return ""
	}
	return port
}
