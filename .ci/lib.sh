# Shared by .ci/run and .ci/full.

modules=(. bench examples/flowmeter examples/proxy examples/redis internal/interop)
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

# fuzz_all TIME: runs every fuzz target of every module for TIME.
fuzz_all() {
	local module package target
	for module in "${modules[@]}"; do
		while read -r package target; do
			echo "$package $target"
			(cd "$module" && go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" "$package")
		done < <(cd "$module" && grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | while IFS=: read -r file func; do
			# Nested modules have their own turn.
			dir=$(dirname "$file")
			[ "$module" = . ] && case "$dir/" in ./bench/* | ./examples/* | ./internal/interop/*) continue ;; esac
			echo "$dir ${func#func }"
		done)
	done
}
