umask 077
hash=$1
works() {
  trial=$1/.try-$$
  { printf "#!/bin/sh\nexit 0\n" > "$trial" && chmod 700 "$trial"; } 2> /dev/null || { rm -f "$trial"; echo "unwritable $1"; return 1; }
  "$trial" 2> /dev/null
  code=$?
  rm -f "$trial"
  [ "$code" = 0 ] || { echo "noexec $1"; return 1; }
}
sweep() {
  find "$1" -maxdepth 1 -type f -name "[0-9a-f]*" ! -name "$hash" -mtime +7 -exec rm -f {} + 2> /dev/null
  find "$1" -maxdepth 1 -type f \( -name ".part-*" -o -name ".try-*" \) -mtime +0 -exec rm -f {} + 2> /dev/null
}
ours() {
  { [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] && chmod 700 "$1"; } 2> /dev/null || { echo "unwritable $1"; return 1; }
}
look() {
  mkdir -p "$1" 2> /dev/null
  ours "$1" || return
  sweep "$1"
  works "$1" || return
  sum=$({ sha256sum < "$1/$hash"; } 2> /dev/null)
  if [ "${sum%% *}" = "$hash" ]; then
    touch "$1/$hash"
    echo "have $1/$hash"
    exit
  fi
  set -- "$1" $(df -Pk "$1" 2> /dev/null | tail -n 1)
  echo "free ${5:-0} $1"
}
command -v sha256sum > /dev/null || { echo "nosum"; exit; }
[ "${XDG_CACHE_HOME:-}" ] && look "$XDG_CACHE_HOME/lifeboat/bin"
[ "${HOME:-}" ] && look "$HOME/.cache/lifeboat/bin"
# Whoever owns the folder above could exchange the program between the check and its start.
for shared in /var/tmp /tmp; do
  own=$shared/lifeboat-$(id -u)
  mkdir "$own" 2> /dev/null
  ours "$own" && look "$own/bin"
done
exit 0
