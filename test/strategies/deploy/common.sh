# Sourced by the scripts that the scenarios of this folder leave to the user.
. "$(dirname "$0")/../../../scenarios/shared/lib.sh"

# app_of KIND: where its files are.
app_of() {
  case $1 in
    proxied) echo "$SHARED/app" ;;
    *) echo "$SCENARIO/$1" ;;
  esac
}
