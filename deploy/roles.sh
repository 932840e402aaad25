#!/bin/sh
# The PostgreSQL image runs this once, on an empty volume: the owner, the running role and their database.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
    --set owner_password="$(cat /run/secrets/owner_password)" \
    --set app_password="$(cat /run/secrets/app_password)" <<'SQL'
CREATE ROLE huifeng_owner LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE huifeng_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
\connect template1
-- LIKE tells nothing of a row but its answer; else no index finds a name under row-level security (decisions/0010)
ALTER FUNCTION pg_catalog.textlike(text, text) LEAKPROOF;
\connect postgres
CREATE DATABASE huifeng OWNER huifeng_owner;
SQL
