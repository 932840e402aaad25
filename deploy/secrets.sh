#!/bin/sh
# Makes ./secrets once: random passwords and keys, and the addresses that hold them. Never overwrites a file.
# sms_token, mail_url and oidc_secret come from the operators of the gateway, the mail and a single sign-on; an empty
# file is made for each, and for keys that were in use before (docs/operations.md, Changing keys).
set -eu
umask 077
cd "$(dirname "$0")/.."
mkdir -p secrets
cd secrets
make() { [ -e "$1" ] || printf '%s' "$2" >"$1"; }
for name in postgres_password owner_password app_password redis_password secret_key; do
    make "$name" "$(openssl rand -hex 32)"
done
for name in field_key index_key; do
    make "$name" "$(openssl rand -base64 32)"
done
make database_url "postgresql://huifeng_app:$(cat app_password)@postgres:5432/huifeng"
make owner_database_url "postgresql://huifeng_owner:$(cat owner_password)@postgres:5432/huifeng"
make redis_url "redis://:$(cat redis_password)@redis:6379/0"
for name in sms_token mail_url oidc_secret old_secret_keys old_field_keys old_index_keys; do
    make "$name" ""
done
# the containers run as users of their own and read these files through the folder that only we can enter
chmod 700 .
chmod 444 ./*
echo "secrets/ is ready. Keep a copy of field_key and index_key somewhere safe."
