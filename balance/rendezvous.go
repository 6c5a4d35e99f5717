package balance

// rendezvous is a ranking of the candidates, and how to know them.
type rendezvous struct {
	ids        identities
	candidates []candidate
	ranking    ranking
}

// Rendezvous returns a policy that gives every key a worker by rendezvous hashing, also known as highest random weight:
// key and worker are hashed together, and the worker with the highest hash has the key. (Thaler and Ravishankar, "Using
// name-based mappings to increase hit rates", IEEE/ACM ToN 6(1), 1998.) It is Ordered. It honours weights, and ignores
// depths.
//
// When a worker comes or goes, only the keys that it gets or had move: 1/(n+1) or 1/n of them, the least possible, and
// those that it had spread over all others. Keys spread as a die would throw them, with sides as wide as the weights. A
// pick looks at every worker: one multiplication each. If weights differ, the hashes become times drawn from
// exponential distributions whose rates are the weights, and the first one wins, which takes a logarithm each, looked
// up in a table.
//
// names are the identities of the workers, in their order: a key stays with a name when the list is reordered. Without
// names the index is the identity. The policy returns an error if a name is there twice, if there are fewer names than
// workers, if weights are all 0, or for more than 65536 workers.
func Rendezvous(names ...string) Policy {
	return func(v *View) (Balancer, error) {
		ids, err := newIdentities(names)
		if err != nil {
			return nil, err
		}
		b := &rendezvous{ids: ids}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

func (b *rendezvous) Pick(key uint64, _ *View) int { return b.ranking.pick(rankHash(key)) }

func (b *rendezvous) Update(v *View) (err error) {
	b.candidates, err = b.ids.candidates(b.candidates, v)
	b.ranking.reset(b.candidates)
	return err
}

func (b *rendezvous) Ordered() bool { return true }

// Reads implements [Frugal]: nothing but who is open, and the weights, matters.
func (b *rendezvous) Reads() Reads { return 0 }
