for pid in $(members); do
  look "$pid" && printf "%s %s %s\n" "$pid" "$started" "$name"
done
