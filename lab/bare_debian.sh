#!/bin/sh
# Proves that a checkout comes up on a bare Debian: minimal base, python3 and python3-venv, nothing else.
#   lab/bare_debian.sh MIRROR [FOLDER]            as root, with debootstrap; MIRROR is a Debian mirror's address.
#   lab/bare_debian.sh MIRROR FOLDER test [...]   ./test instead of the demo, as an ordinary user; the rest goes to ./test.
# pip and npm inside use the configuration files and variables (PIP_*, NPM_*, *_PROXY) of the machine outside.
set -eu
mirror=${1:?usage: lab/bare_debian.sh MIRROR [FOLDER]}
root=${2:-$(mktemp -d)}
what=${3:-demo}
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

if [ ! -x "$root/usr/bin/python3" ]; then
  debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm "$root" "$mirror"
fi
rm -rf "$root/srv/orderwerk"
mkdir -p "$root/srv/orderwerk"
git -C "$here" archive HEAD | tar -x -C "$root/srv/orderwerk"

for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/npmrc; do
  if [ -f "$file" ]; then cp -L "$file" "$root$file"; fi
done
if [ -d /usr/local/share/ca-certificates ]; then
  cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
  chroot "$root" update-ca-certificates >/dev/null 2>&1 || true
fi
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root/dev" || mount --rbind /dev "$root/dev"
trap 'umount -l "$root/dev" "$root/proc" 2>/dev/null || true' EXIT

if [ "$what" = test ]; then
  shift 3
  grep -q '^tester:' "$root/etc/passwd" || chroot "$root" useradd --create-home --uid 1000 tester
  chroot "$root" chown -R tester: /srv/orderwerk
  chroot "$root" setpriv --reuid tester --regid tester --clear-groups \
    env HOME=/home/tester USER=tester LC_ALL=C.UTF-8 ORDERWERK_TEST_PROCESSES="${ORDERWERK_TEST_PROCESSES:-}" \
    sh -c 'cd /srv/orderwerk && exec ./test "$@"' sh "$@"
  exit
fi

chroot "$root" /bin/sh -eu <<'INSIDE'
cd /srv/orderwerk
started=$(date +%s)
./orderwerk demo --port 8190 >/tmp/demo.log 2>&1 &
tree=$!
for _ in $(seq 600); do
  if grep -q 'is ready' /tmp/demo.log || ! kill -0 "$tree" 2>/dev/null; then break; fi
  sleep 1
done
cat /tmp/demo.log
python3 -c "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8190/readyz').read().decode())"
echo "first start: $(($(date +%s) - started)) s"
kill -TERM "$tree"
wait "$tree" || true

started=$(date +%s)
./orderwerk demo --port 8190 >/tmp/demo2.log 2>&1 &
tree=$!
for _ in $(seq 60); do
  if grep -q 'is ready' /tmp/demo2.log; then break; fi
  sleep 1
done
grep token /tmp/demo.log >/tmp/one
grep token /tmp/demo2.log >/tmp/two
cmp /tmp/one /tmp/two && echo "second start: $(($(date +%s) - started)) s, the data are as they were"
kill -TERM "$tree"
wait "$tree" || true
INSIDE
