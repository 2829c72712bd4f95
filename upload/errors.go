package upload

import "errors"

var (
	// ErrBusy is the error of a step while another process takes one of the same table.
	ErrBusy = errors.New("another process is uploading this table")
	// ErrUnauthenticated is what [HandlerOptions].Allow returns of a request that does not
	// say who makes it: the answer is 401. After any other error it is 404.
	ErrUnauthenticated = errors.New("no credentials that are known")

	errRequest = errors.New("bad request")
	errAnswer  = errors.New("the answer does not fit the question: is the server's version another?")
)
