umask 077
part=$1/.part-$$
trap 'rm -f "$part"' EXIT
trap 'exit 1' HUP INT TERM
cat > "$part" || exit 3
sum=$(sha256sum < "$part") || exit 4
[ "${sum%% *}" = "$2" ] || { echo "what arrived is not what was sent" >&2; exit 5; }
chmod 700 "$part" && mv -f "$part" "$1/$2"
