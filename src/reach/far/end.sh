grace=$2
sessions=" ${3:+$3 }"
signal() {
  asked=" "
  for pid in $found; do
    look "$pid" || continue
    case $asked in *" $group "*) continue ;; esac
    if [ "$group" = "$session" ] && { [ ! -d "/proc/$group" ] || owned "$group"; }; then
      asked="$asked$group "
      kill -s "$1" -- "-$group" 2> /dev/null
    else
      kill -s "$1" "$pid" 2> /dev/null
    fi
  done
}
owned() {
  for one in $found; do [ "$one" = "$1" ] && return 0; done
  return 1
}
ended() {
  found=$(members)
  for pid in $found; do
    look "$pid" || continue
    case "$sessions" in *" $session "*) ;; *) [ "$session" = 0 ] || sessions="$sessions$session " ;; esac
  done
  [ -z "$found" ]
}
# What became another user, or is just being torn down, hides its environment, but not its session.
hidden() {
  for file in /proc/[0-9]*/stat; do
    pid=${file#/proc/}
    look "${pid%/stat}" || continue
    [ "$state" = Z ] && continue
    case "$sessions" in *" $session "*) return 0 ;; esac
  done
  return 1
}
pause() { sleep 0.1 2> /dev/null || sleep 1; }
tell() {
  tries=30
  while hidden; do
    [ "$tries" -gt 0 ] || { echo hidden; exit; }
    pause
    tries=$((tries - 1))
  done
  echo "$1"
  exit
}
ended && tell none
signal TERM
tries=$((grace * 10))
while [ "$tries" -gt 0 ]; do
  ended && tell ended
  pause
  tries=$((tries - 1))
done
signal KILL
tries=50
while [ "$tries" -gt 0 ]; do
  ended && tell killed
  pause
  tries=$((tries - 1))
done
echo left
