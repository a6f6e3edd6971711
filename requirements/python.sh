# Read by ./orderwerk and ./test: sets `python` to a Python that is new enough, or ends with what to do.
python=
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "Orderwerk needs Python 3.11 or newer: install it (Debian: apt install python3 python3-venv)," >&2
  echo "or name one with PYTHON=/path/to/python3." >&2
  exit 1
fi
