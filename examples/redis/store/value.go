package store

// Kind is the type of a value.
type Kind uint8

// The kinds, named as TYPE names them.
const (
	String Kind = iota
	ListKind
	HashKind
	SetKind
)

func (k Kind) String() string { return [...]string{"string", "list", "hash", "set"}[k] }

// Value is what a key has. Which field holds it depends on the Kind.
type Value struct {
	Kind Kind
	Raw  bool // of a String: it was changed in place, for OBJECT ENCODING

	timer int32 // 1 + the place in DB.timers, 0: it does not expire

	Bytes []byte // of a String; the DB's own
	obj   *object
}

// object is what a value has that is no string: one of these. It is behind one pointer so that
// an Entry fits in 64 bytes, a line of the cache.
type object struct {
	list *List
	hash *Hash
	set  *Set
}

// Entry is a key and its value.
type Entry = Node[Value]

// List returns the list of a value of ListKind, and so on.
func (v *Value) List() *List { return v.obj.list }
func (v *Value) Hash() *Hash { return v.obj.hash }
func (v *Value) Set() *Set   { return v.obj.set }

// NewValue returns an empty value.
func NewValue(k Kind) Value {
	v := Value{Kind: k}
	switch k {
	case ListKind:
		v.obj = &object{list: &List{}}
	case HashKind:
		v.obj = &object{hash: &Hash{limits: usual}}
	case SetKind:
		v.obj = &object{set: &Set{limits: usual, ints: true}}
	}
	return v
}

// Empty reports whether a collection has no elements: then its key must go.
func (v *Value) Empty() bool {
	switch v.Kind {
	case ListKind:
		return v.List().Len() == 0
	case HashKind:
		return v.Hash().Len() == 0
	case SetKind:
		return v.Set().Len() == 0
	}
	return false
}

// Clone returns a copy that shares nothing with v and does not expire.
func (v *Value) Clone() Value {
	c := NewValue(v.Kind)
	switch v.Kind {
	case String:
		c.Bytes, c.Raw = append([]byte{}, v.Bytes...), v.Raw
	case ListKind:
		for i := range v.List().Len() {
			c.List().PushBack(v.List().At(i))
		}
	case HashKind:
		for n := range v.Hash().All() {
			c.Hash().Put([]byte(n.Key), n.Value)
		}
		c.Hash().large = v.Hash().large
	case SetKind:
		for n := range v.Set().All() {
			c.Set().Insert([]byte(n.Key))
		}
		c.Set().ints = v.Set().ints
	}
	return c
}
