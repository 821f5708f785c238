tag=$1
fields() { state=$1 group=$3 session=$4 started=${20}; }
look() {
  stat=
  { IFS= read -r stat < "/proc/$1/stat"; } 2> /dev/null
  [ "$stat" ] || return 1
  name=${stat#*\(}
  name=${name%)*}
  fields ${stat##*) }
}
members() {
  for file in $(grep -l -F -e "$tag" /proc/[0-9]*/environ 2> /dev/null); do
    pid=${file#/proc/}
    pid=${pid%/environ}
    look "$pid" || continue
    if grep -q -F -e "$tag@$session;" -e "=$tag;" -e " $tag;" "$file" 2> /dev/null; then echo "$pid"; fi
  done
}
# Who does not even see itself would take everything for gone.
if ! { look "$$" && grep -q -F -e LIFEBOAT_TAG= "/proc/$$/environ"; } 2> /dev/null; then
  echo blind
  exit
fi
