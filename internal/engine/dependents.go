package engine

import "sync"

// Dependents are the models whose rows point to a model's. They declare
// themselves when they are made, so that the list grows while runs read it.
type Dependents struct {
	mu  sync.Mutex
	all []dependent
}

type dependent struct {
	child  *Model
	parent *Parent
}

// Add declares that a model points to this one.
func (d *Dependents) Add(child *Model, parent *Parent) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, dependent{child, parent})
}

func (d *Dependents) list() []dependent {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all[:len(d.all):len(d.all)]
}
