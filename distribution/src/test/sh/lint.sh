#!/usr/bin/env bash
# Scripts, workflows, compose files, the service's unit, manual pages and completions, as far as their linters are
# installed here; what is missing is named.
#   distribution/src/test/sh/lint.sh
set -uo pipefail
cd "$(dirname "$0")/../../../.." || exit
failures=0
have() { command -v "$1" >/dev/null || { echo "lint: skipped: no $1"; return 1; }; }
lint() {
  echo "lint: $1"
  shift
  "$@" || failures=$((failures + 1))
}

mapfile -t scripts < <(git grep -lE '^#!/(bin/sh|usr/bin/env (ba)?sh)|^# shellcheck shell=' -- . ':!*.java' ':!*.md')
if have shellcheck; then lint "${#scripts[@]} scripts" shellcheck -x -S warning -e SC1007,SC2010,SC2034,SC2164 "${scripts[@]}"; fi

mapfile -t yaml < <(git ls-files '*.yml' '*.yaml')
if have yamllint; then
  lint "${#yaml[@]} YAML files" yamllint --strict \
    -d '{extends: default, rules: {document-start: disable, line-length: {max: 120}, truthy: {check-keys: false}}}' "${yaml[@]}"
fi
if have actionlint; then lint "workflows" actionlint; fi
# No other's code is run by a name that can be pointed elsewhere: either GitHub's own, or a commit.
lint "actions" sh -c '! grep -hE "uses:" .github/workflows/*.yml | grep -vE "uses: (actions/[a-z-]+@v[0-9]+|[^@]+@[0-9a-f]{40})\b"'

lint "unit" distribution/src/test/sh/unit.sh

share=distribution/target/share
if [ -d $share ]; then
  if have mandoc; then lint "manual pages" mandoc -T lint -W warning $share/man/man1/*.1; fi
  if have man; then lint "manual pages, by groff" sh -c '! man --warnings -E UTF-8 -l -Tutf8 -Z '$share'/man/man1/*.1 2>&1 >/dev/null | grep .'; fi
  for file in $share/completions/bash/*; do lint "$file" bash -n "$file"; done
  if have zsh; then for file in $share/completions/zsh/*; do lint "$file" zsh -n "$file"; done; fi
  if have fish; then for file in $share/completions/fish/*; do lint "$file" fish -n "$file"; done; fi
else
  echo "lint: skipped: manual pages and completions, since nothing is built"
fi

# shellcheck disable=SC2012 # names of our own making
package=$(ls -t distribution/target/cyphermesh_*.deb 2>/dev/null | head -1)
if [ -n "$package" ]; then
  if have lintian; then lint "$package" lintian --fail-on error,warning --allow-root "$package"; fi
fi
[ "$failures" = 0 ] || { echo "lint: $failures failed"; exit 1; }
echo "lint: passed"
