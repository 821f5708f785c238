grace=$2
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
  [ -z "$found" ]
}
pause() { sleep 0.1 2> /dev/null || sleep 1; }
ended && echo none && exit 0
signal TERM
tries=$((grace * 10))
while [ "$tries" -gt 0 ]; do
  ended && echo ended && exit 0
  pause
  tries=$((tries - 1))
done
signal KILL
tries=50
while [ "$tries" -gt 0 ]; do
  ended && echo killed && exit 0
  pause
  tries=$((tries - 1))
done
echo left
