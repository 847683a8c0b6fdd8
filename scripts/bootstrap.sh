# Sourced by the scripts beside it, in the root of the checkout: brings every dependency, Node 24
# included, through npm (only when the lock file changed since), and puts that Node first in PATH.
installed=node_modules/.package-lock.json
if [ -L node_modules ]; then
  echo "node_modules is a link to $(readlink node_modules): npm would empty that folder. Remove the link, then run this again." >&2
  exit 1
fi
if [ ! -x node_modules/node/bin/node ] || [ ! -e "$installed" ] || [ package-lock.json -nt "$installed" ]; then
  echo 'Installing dependencies (npm ci) …' >&2
  npm ci --no-audit --no-fund --loglevel=error >&2
  touch "$installed"
fi
[ -e node_modules/.bin/sluice ] || node scripts/entry/link.js
export PATH="$PWD/node_modules/node/bin:$PWD/node_modules/.bin:$PATH"
