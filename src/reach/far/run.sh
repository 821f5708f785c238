lifeboat_fields() { lifeboat_sid=$4 lifeboat_start=${20}; }
lifeboat_stat=
{ IFS= read -r lifeboat_stat < /proc/$$/stat; } 2> /dev/null
set -f
lifeboat_fields ${lifeboat_stat##*) }
lifeboat_chain=
for lifeboat_value in $LIFEBOAT_TAG; do
  lifeboat_chain="$lifeboat_chain${lifeboat_value%%[@;]*}@$lifeboat_sid; "
done
set +f
lifeboat_mark=$1
shift
printf "%s %s %s\n" "$lifeboat_mark" "$$" "${lifeboat_start:-0}"
lifeboat_locale=${LC_ALL-unset}
LC_ALL=C
lifeboat_line="
"
lifeboat_get() {
  IFS= read -r lifeboat_more && IFS= read -r lifeboat_value || exit 125
  while [ "$lifeboat_more" -gt 1 ]; do
    IFS= read -r lifeboat_next || exit 125
    lifeboat_value=$lifeboat_value$lifeboat_line$lifeboat_next
    lifeboat_more=$((lifeboat_more - 1))
  done
}
lifeboat_get
lifeboat_variables=$lifeboat_value
lifeboat_get
lifeboat_count=$lifeboat_value
while [ "$lifeboat_count" -gt 0 ]; do
  lifeboat_get
  set -- "$@" "$lifeboat_value"
  lifeboat_count=$((lifeboat_count - 1))
done
lifeboat_get
[ "$lifeboat_value" = go ] || exit 125
if [ "$lifeboat_locale" = unset ]; then unset LC_ALL; else LC_ALL=$lifeboat_locale; fi
while [ "$lifeboat_variables" -gt 0 ]; do
  export "$1"
  shift
  lifeboat_variables=$((lifeboat_variables - 1))
done
LIFEBOAT_TAG=$lifeboat_chain
export LIFEBOAT_TAG
(exec "$@")
lifeboat_code=$?
printf "\n%s %s\n" "$lifeboat_mark" "$lifeboat_code" >&2
exit "$lifeboat_code"
