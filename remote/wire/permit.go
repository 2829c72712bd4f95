package wire

import (
	"net/http"
	"time"
)

// permit is one request under way. It is used by one goroutine.
type permit struct {
	limiter  *Limiter
	answered bool
}

// observe learns from an answer.
func (p *permit) observe(now time.Time, h http.Header) {
	l := p.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if !p.answered {
		p.answered = true
		l.open--
	}
	if told, ok := readQuota(h, now); ok {
		l.quota = l.quota.next(told, now)
	}
}

// release ends a request.
func (p *permit) release() {
	l := p.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if !p.answered {
		l.open--
	}
	l.free++
	l.next()
}
