# Read by bin/demo and bin/test: finds or fetches uv and Python 3.13, and installs what uv.lock names.
# Needs Python 3 with pip, nothing else. Works from any folder, as root or not, any number of times.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
CACHE="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/huifeng"

say() { printf '==> %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

works() { "$@" >/dev/null 2>&1; }

find_uv() {
  local place
  for place in uv "$CACHE/uv/bin/uv" "${HOME:-/nonexistent}/.local/bin/uv"; do
    if works "$place" --version; then UV=$place; return 0; fi
  done
  return 1
}

install_uv() {
  local python
  for python in python3.13 python3.12 python3 python; do
    works "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' && break
    python=
  done
  [ -n "${python:-}" ] || die "Python 3 is missing: install it first (apt-get install python3 python3-pip)"
  say "uv is not installed; installing it under $CACHE/uv"
  mkdir -p "$CACHE"
  # A folder of our own: systems that manage their Python themselves refuse a plain "pip install".
  if works "$python" -m venv --clear "$CACHE/uv"; then
    "$CACHE/uv/bin/python" -m pip install --quiet --disable-pip-version-check uv >&2 && return 0
  fi
  rm -rf "$CACHE/uv"
  local target="$CACHE/uv"
  "$python" -m pip --version >/dev/null 2>&1 || die "pip is missing: apt-get install python3-pip python3-venv"
  "$python" -m pip install --quiet --disable-pip-version-check --target "$target/lib" uv >&2 ||
    "$python" -m pip install --quiet --disable-pip-version-check --break-system-packages --target "$target/lib" uv >&2 ||
    die "pip could not install uv; see the message above"
  mkdir -p "$target/bin"
  ln -sf "$target/lib/bin/uv" "$target/bin/uv"
}

is_313() { works "$1" -c 'import sys, ssl, sqlite3, ctypes; sys.exit(sys.version_info[:2] != (3, 13))'; }

# uv asks shims for their version and may be misled by them, so the real 3.13 is looked for by hand.
find_python() {
  local place root
  [ -n "${UV_PYTHON:-}" ] && return 0
  if [ -x .venv/bin/python ] && is_313 .venv/bin/python; then return 0; fi
  root="${PYENV_ROOT:-}"
  [ -n "$root" ] || root="$(pyenv root 2>/dev/null || echo "${HOME:-/nonexistent}/.pyenv")"
  for place in "$root"/versions/3.13*/bin/python3.13 "$(command -v python3.13 || true)" \
    /usr/local/bin/python3.13 /usr/bin/python3.13 /opt/*/bin/python3.13; do
    if [ -n "$place" ] && [ -x "$place" ] && is_313 "$place"; then
      export UV_PYTHON="$place"
      return 0
    fi
  done
  say "no Python 3.13 found on this machine; uv fetches one"
}

sync() {
  local log="$CACHE/sync.$$"
  mkdir -p "$CACHE"
  say "installing the packages of uv.lock (the first time takes a minute)"
  if ! "$UV" sync --frozen --quiet 2>"$log"; then
    cat "$log" >&2
    rm -f "$log"
    die "uv could not fetch Python 3.13 or the packages: the reason stands above"
  fi
  rm -f "$log"
}

find_uv || { install_uv; find_uv || die "uv was installed under $CACHE/uv but does not run"; }
find_python
sync
