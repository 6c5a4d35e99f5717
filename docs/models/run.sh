#!/bin/sh
# run.sh verifies every model and variant: the good ones exhaustively and without an
# error, the broken ones must fail, each with the violation it is there to show.
#
#	run.sh [model ...]	models: publish park wake board close mpsc; default: all
#
# Needs spin and a C compiler. Builds in a temporary directory. Exit status 1 if any
# variant did not do what it should; the last lines name those.
set -u
export LC_ALL=C

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
cc=${CC:-gcc}
if ! command -v spin >/dev/null; then
	echo "run.sh: spin is missing: apt-get install spin" >&2
	exit 1
fi
if ! command -v "$cc" >/dev/null; then
	echo "run.sh: $cc is missing: apt-get install gcc, or set CC" >&2
	exit 1
fi
for m in "$@"; do
	case $m in
	publish | park | wake | board | close | mpsc) ;;
	*) echo "run.sh: no model \"$m\" (models: publish park wake board close mpsc)" >&2; exit 1 ;;
	esac
done
models=${*:-publish park wake board close mpsc}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

bad=
# verify model flags: one variant, its report in $tmp/out, its states and
# seconds in $states and $secs, the violated assertion or other error in $error
# (empty: none).
verify() {
	rm -rf "$tmp/b" && mkdir "$tmp/b" && cd "$tmp/b" || exit 1
	states='?' secs='?' error=
	# shellcheck disable=SC2086 # flags are words
	if ! spin $2 -a "$here/$1.pml" >"$tmp/out" 2>&1; then
		error="spin: $(grep -m1 Error "$tmp/out")"
		return
	fi
	# COLLAPSE packs states without loss; MEMLIM is in MB; -m bounds the depth.
	if ! "$cc" -O2 -w -DSAFETY -DCOLLAPSE -DMEMLIM=4000 -o pan pan.c >"$tmp/out" 2>&1; then
		error="$cc: $(head -n 1 "$tmp/out")"
		return
	fi
	./pan -m2000000 >"$tmp/out" 2>&1
	states=$(awk '/states, stored/ { print $1; exit }' "$tmp/out")
	secs=$(awk '/elapsed time/ { print $4; exit }' "$tmp/out")
	error=$(sed -n 's/^pan:1: //p' "$tmp/out" | head -n 1)
	case $(cat "$tmp/out") in
	*'max search depth too small'* | *'MEMLIM bound'* | *'out of memory'*)
		error="${error:-search not exhaustive}" ;;
	*'errors: '*) ;;
	*) error="pan: $(tail -n 1 "$tmp/out")" ;;
	esac
}

line() { printf '%-8s %-30s %-6s %9s states %6s s  %s\n' "$1" "${2:-(as designed)}" "$3" "$states" "$secs" "$4"; }

wanted() { case " $models " in *" $1 "*) ;; *) return 1 ;; esac; }

# good model flags: must verify.
good() {
	wanted "$1" || return 0
	verify "$1" "$2"
	if [ -z "$error" ]; then
		line "$1" "$2" ok ''
	else
		line "$1" "$2" WRONG "$error"
		bad="$bad
run.sh: $1 $2: should verify: $error"
	fi
}

# broken model flags text: must fail with an error that contains text.
broken() {
	wanted "$1" || return 0
	verify "$1" "$2"
	case $error in
	'assertion violated'*"$3"*) line "$1" "$2" fails "as it should" ;;
	*)
		line "$1" "$2" WRONG "${error:-no error found}"
		bad="$bad
run.sh: $1 $2: should fail at an assertion on $3: ${error:-no error found}" ;;
	esac
}

good publish ""
good publish "-DCAP=1 -DSLOTS=1"
good publish "-DCAP=3 -DSLOTS=4"
good publish "-DSC"
broken publish "-DINDEX_FIRST" 'busy['
broken publish "-DHEAD_FIRST" 'busy['
broken publish "-DCLEAR_LATE" 'busy['

lost='stopped[0]' # Monitor in park.pml: an item is left and nothing can move
good park ""
good park "-DONE -DCAP=2"
good park "-DFENCE"
good park "-DSC"
good park "-DSWITCH -DONE -DCAP=2"
good park "-DSWITCH -DDEAF -DONE -DCAP=2"
good park "-DDEAF -DONE -DCAP=2"
good park "-DDEAF"
broken park "-DNO_MEMBARRIER" "$lost"
broken park "-DFENCE -DNO_CFENCE" "$lost"
broken park "-DLATE_ENTRY" "$lost"
broken park "-DNO_RECHECK" "$lost"
broken park "-DRECHECK_FIRST" "$lost"
broken park "-DCHECK_FIRST" "$lost"
broken park "-DSWITCH -DNO_LAST_BARRIER" "$lost"
broken park "-DDEAF -DNO_HEAR" "$lost"
broken park "-DNO_CAS" 'wakes<=1'

good wake ""
good wake "-DFENCE"
good wake "-DSC"
broken wake "-DEATEN" 'mem[(2+0)]==mem[(4+0)]'
broken wake "-DNO_RECHECK" 'mem[(2+0)]==mem[(4+0)]'

good board ""
good board "-DBACK"
good board "-DSC"
good board "-DSC -DBACK"
broken board "-DNO_ODD" 'one==two'
broken board "-DNO_PARITY" 'one==two'
broken board "-DNO_RELOOK" 'one==two'
broken board "-DEVEN_FIRST" 'one==two'

good close ""
good close "-DFENCE"
good close "-DSC"
good close "-DHELP"
good close "-DPARK"
good close "-DPARK -DFENCE"
good close "-DPARK -DHELP"
broken close "-DNO_MEMBARRIER" 't==h'
broken close "-DHELP -DNO_MEMBARRIER" 't==h'
broken close "-DCLOSED_FIRST" 'x==(((h+pend)'
broken close "-DTAKE_CLOSING" 'x==(((h+pend)'
broken close "-DNO_LOOK" 't==h'
broken close "-DDONE_EARLY" 't==h'
broken close "-DPARK -DNO_CLOSER_WAKE" drained

lost='accepted[p]==taken[p]'
vain='mem[(4+(mem[1]%2))]' # the claim at head is not published
good mpsc ""
good mpsc "-DFENCE"
good mpsc "-DSC"
good mpsc "-DOWN_START"
good mpsc "-DPOLL -DN=3"
good mpsc "-DPOLL -DPRODUCERS=3 -DN=1"
good mpsc "-DNO_CLOSE -DN=3"
good mpsc "-DNO_CLOSE -DPRODUCERS=3 -DN=1"
good mpsc "-DEPOCH -DNO_CLOSE"
good mpsc "-DEPOCH -DN=1"
broken mpsc "-DNO_MEMBARRIER" "$lost"
broken mpsc "-DNO_RECHECK" "$lost"
broken mpsc "-DSTRICT" "$vain"
broken mpsc "-DEPOCH -DNO_READY" "$vain"
broken mpsc "-DHEAD_STALE" 'mem[0]/2'
broken mpsc "-DCLOSED_APART" "$lost"
broken mpsc "-DPUB_FIRST" 'taken[(e/8)]'
broken mpsc "-DPUB_ZERO" 'taken[(e/8)]'

if [ -n "$bad" ]; then
	printf "%s\n" "$bad" | sed 1d >&2
	exit 1
fi
