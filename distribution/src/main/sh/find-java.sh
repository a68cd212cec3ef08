# shellcheck shell=sh
# Finds Java 25. Sourced by the launchers; sets $java, or prints one line and ends the shell with 1.

# The major version of the Java in folder $1: from its release file, since starting it takes longer
# than all the rest of a launcher.
java_major() {
  [ -x "$1/bin/java" ] || return 1
  if [ -r "$1/release" ]; then
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  else
    version=$("$1/bin/java" -version 2>&1 | sed -n 's/^.* version "\([0-9]*\).*/\1/p')
  fi
  [ -n "$version" ] && echo "$version"
}

# The build of the Java in folder $1, fit for a file's name.
java_build() {
  build=unknown
  [ ! -r "$1/release" ] || while IFS='="' read -r key _ value _; do
    case $key in
      JAVA_VERSION) [ "$build" != unknown ] || build=$value ;;
      JAVA_RUNTIME_VERSION) build=$value ;; # a runtime made by jlink has none
    esac
  done <"$1/release"
  echo "$build"
}

# Whether folder $1 holds a Java that is new enough; for a build ($need = jdk) exactly 25, with javac.
java_fits() {
  major=$(java_major "$1") || return 1
  if [ "${need:-java}" = jdk ]; then
    [ "$major" -eq 25 ] && [ -x "$1/bin/javac" ]
  else
    [ "$major" -ge 25 ]
  fi
}

# The folder of the program $1, behind all its links.
java_folder() {
  program=$1
  while [ -L "$program" ]; do
    link=$(readlink "$program")
    case $link in
      /*) program=$link ;;
      *) program=${program%/*}/$link ;;
    esac
  done
  (cd -P "${program%/*}/.." 2>/dev/null && pwd)
}

find_java() {
  java=
  if [ -n "${CYPHER_JAVA:-}" ]; then
    # Named on purpose: never silently replaced by another.
    folder=$CYPHER_JAVA
    [ -d "$folder" ] || folder=$(java_folder "$folder")
    if [ -z "$folder" ] || ! java_fits "$folder"; then
      echo "cyphermesh: CYPHER_JAVA=$CYPHER_JAVA is no Java 25: point it at one, or unset it" >&2
      exit 1
    fi
    java=$folder/bin/java
    return
  fi
  on_path=$(command -v java 2>/dev/null) && on_path=$(java_folder "$on_path") || on_path=
  for folder in "${JAVA_HOME:-}" "$on_path" ${CYPHER_JAVA_FOLDERS-/usr/lib/jvm/*25* /opt/java/openjdk}; do
    if [ -n "$folder" ] && java_fits "$folder"; then
      java=$folder/bin/java
      return
    fi
  done
  if [ -z "${CYPHER_JAVA_FOLDERS+set}" ] && [ -x /usr/libexec/java_home ]; then
    folder=$(/usr/libexec/java_home -v 25 2>/dev/null) || folder=
    if [ -n "$folder" ] && java_fits "$folder"; then
      java=$folder/bin/java
      return
    fi
  fi
  echo "cyphermesh: Java 25 is missing: install it (https://adoptium.net), or set JAVA_HOME to it" >&2
  exit 1
}
