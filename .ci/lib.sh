# Shared by .ci/run and .ci/full.

modules=(. bench examples/flowmeter examples/proxy examples/redis examples/top group/metrics internal/interop)
core=(./balance/... ./exec/... ./group/... ./internal/... ./ring) # what knows the machine
staticcheck=v0.8.2

step() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }

fail() {
	echo "$1" >&2
	exit 1
}

# readme_command CMD: the README shows CMD on a line of its own, and it works.
readme_command() {
	grep -qxF "$1" README.md || fail "README.md does not show the command: $1"
	$1
}

# install_package PACKAGE COMMAND: makes sure that COMMAND is there.
install_package() {
	command -v "$2" >/dev/null && return
	apt-get install -y "$1" >/dev/null 2>&1 || { apt-get update -q && apt-get install -y "$1"; } >/dev/null
	command -v "$2" >/dev/null || fail "could not install $1"
}

# install_libraries PACKAGE...: the same for packages that bring no command.
install_libraries() {
	dpkg -s "$@" >/dev/null 2>&1 && return
	apt-get install -y "$@" >/dev/null 2>&1 || { apt-get update -q && apt-get install -y "$@"; } >/dev/null || fail "could not install $*"
}

# fuzz PACKAGE TARGET TIME. Go's fuzzer now and then takes the end of its time for a failure, and
# says so: then it is run once more.
fuzz() {
	local log failed=0
	log=$(mktemp)
	fuzz_once "$@" 2>&1 | tee "$log" || failed=1
	if [ $failed = 1 ] && grep -q '^ *context deadline exceeded$' "$log"; then
		failed=0
		fuzz_once "$@" || failed=1
	fi
	rm "$log"
	return $failed
}
fuzz_once() { go test -run '^$' -fuzz "^$2\$" -fuzztime "$3" "$1"; }

# fuzz_all TIME: runs every fuzz target of every module for TIME.
fuzz_all() {
	local module package target other
	for module in "${modules[@]}"; do
		while read -r package target; do
			echo "$package $target"
			(cd "$module" && fuzz "$package" "$target" "$1")
		done < <(cd "$module" && grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | while IFS=: read -r file func; do
			dir=$(dirname "$file")
			for other in "${modules[@]}"; do # nested modules have their own turn
				[ "$module" = . ] && case "$dir/" in "./$other/"*) continue 2 ;; esac
			done
			echo "$dir ${func#func }"
		done)
	done
}

# emulated PACKAGE...: runs tests for arm64, on one processor: on an x86 host qemu lets a load-acquire pass an earlier
# store-release, which no arm64 does and Go relies on.
emulated() { PUSHCORE_EMULATED=1 GOARCH=arm64 go test -short -exec 'taskset -c 0 qemu-aarch64-static' -timeout 5m "$@"; }
