package balance

import (
	"fmt"
	"strings"
	"time"
)

// Name returns what people call b: what its String method says if it has one, or the policy that has made it, with its
// bounds and with the policies that it asks, or its type. It is called before b is in use.
func Name(b Balancer) string {
	switch b := b.(type) {
	case fmt.Stringer:
		return b.String()
	case *anyWorker:
		return "Random"
	case *powerOf:
		return fmt.Sprintf("PowerOf(%d)", b.d)
	case *jbsq:
		return fmt.Sprintf("JBSQ(%d)", b.limit)
	case *rss:
		return "RSS"
	case *boundedLoad:
		return fmt.Sprintf("BoundedLoad(%.2f)", b.factor-1)
	case *boundedDepth:
		return fmt.Sprintf("BoundedDepth(%d, %s)", b.limit, Name(b.next))
	case *fallback:
		return fmt.Sprintf("Fallback(%s, %s)", Name(b.first.Balancer), Name(b.second.Balancer))
	case *joinIdle:
		return fmt.Sprintf("JoinIdle(%s)", Name(b.next))
	case *flowlet:
		return fmt.Sprintf("Flowlet(%v, %s)", time.Duration(b.gap), Name(b.next))
	case *sticky:
		return fmt.Sprintf("StickyInFlight(%s)", Name(b.next))
	case *stickySpill:
		return fmt.Sprintf("StickySpill(%d, %d, %s)", b.high, b.low, Name(b.next))
	case *traced:
		return Name(b.next)
	case *member:
		return fmt.Sprintf("Shared(%s)", Name(b.pool.inner))
	case nobody:
		return "nobody"
	}
	name := strings.TrimPrefix(fmt.Sprintf("%T", b), "*")
	if ours, ok := strings.CutPrefix(name, "balance."); ok { // a type is called as its policy is, with a small letter
		name = strings.ToUpper(ours[:1]) + ours[1:]
	}
	return name
}
