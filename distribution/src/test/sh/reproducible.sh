#!/usr/bin/env bash
# Whether two builds of the same commit on the same JDK give the same bytes: both archives and the Debian package, in
# folders of different names, with another time zone and language. With the umask of packagers, 022: Maven puts the
# modes of classes into jars.
#   distribution/src/test/sh/reproducible.sh [MAVEN-OPTION...]
set -euo pipefail
cd "$(dirname "$0")/../../../.."
commit=$(git rev-parse HEAD)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -z "$(git status --porcelain)" ] || echo "reproducible: what is not committed is left out" >&2

build() {
  local folder=$1
  shift
  git clone -q --no-checkout . "$folder"
  git -C "$folder" checkout -q --detach "$commit"
  (cd "$folder" && mvn -q -B -ntp -Pdeb package -pl distribution -am -Dmaven.test.skip=true -Djacoco.skip=true "$@") >"$folder.log" 2>&1 ||
    { tail -40 "$folder.log" >&2; echo "reproducible: $folder was not built" >&2; exit 1; }
  (cd "$folder/distribution/target" && sha256sum cyphermesh-*.tar.gz cyphermesh_*.deb) >"$folder.sums"
}
case " $* " in *" -o "*) echo "reproducible: the list of components is not made offline: leave -o out" >&2; exit 2 ;; esac
umask 022
build "$work/one" "$@"
(export TZ=Pacific/Auckland LC_ALL=C.UTF-8 LANG=de_DE.UTF-8; build "$work/a folder of another name" "$@")

cat "$work/one.sums"
if cmp -s "$work/one.sums" "$work/a folder of another name.sums"; then
  echo "reproducible: passed"
  exit
fi

# What differs: first the archives, then the files in them.
list() {
  mkdir "$2" && tar -xzf "$1" -C "$2" && (cd "$2" && tar -tvzf "$1" && find . -type f -exec sha256sum {} + | sort -k 2)
}
for archive in "$work"/one/distribution/target/cyphermesh-*.tar.gz; do
  name=${archive##*/}
  other="$work/a folder of another name/distribution/target/$name"
  cmp -s "$archive" "$other" || {
    echo "reproducible: $name differs:"
    list "$archive" "$work/one.d" >"$work/one.list"
    list "$other" "$work/other.d" >"$work/other.list"
    diff "$work/one.list" "$work/other.list" | head -40 || true
    rm -rf "$work/one.d" "$work/other.d"
  }
done
diff "$work/one.sums" "$work/a folder of another name.sums" || true
echo "reproducible: FAILED"
exit 1
