#!/usr/bin/env bash
# A real directory server for tests: OpenLDAP on 127.0.0.1, in a directory that is thrown away, with a test authority made on the spot.
#
#   scripts/live/slapd.sh DIR LDAP_PORT LDAPS_PORT FILE.ldif [limit=N] [page=N] [unpaged] [closed] [self] [passwords] [mute]
#       [confidential] [refer] [plain]
#
# Loads the export, then becomes the server (the caller ends it). Base dc=ent-exemple,dc=fr; the account that reads is
# cn=lecture,dc=ent-exemple,dc=fr with the password in DIR/secret. The authority is DIR/ca.crt. Without a variant anybody reads
# everything but passwords; `closed`: nobody reads without an account; `limit=N`: nobody but the administrator gets more than N
# entries; `page=N`: no page of more than N entries; `unpaged`: no reading by pages; `self`: an account sees its own password;
# `passwords`: everybody sees them all; `mute`: the description of the server is not given without an account; `confidential`: passwords
# are refused in clear, and old versions of TLS; `refer`: what the server does not hold is said to be on another one, and so is a branch
# that it does; `plain`: logins are compared with their case. Exits 77 when there is no slapd.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=${1:?DIR} ldap=${2:?LDAP_PORT} ldaps=${3:?LDAPS_PORT} ldif=${4:?FILE.ldif}
shift 4
ldif=$(realpath "$ldif")
PATH=$PATH:/usr/sbin:/sbin
command -v slapd >/dev/null && command -v slapadd >/dev/null || { echo "slapd is not installed" >&2; exit 77; }

umask 077
mkdir -p "$dir/db"
cd "$dir"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=conforment test authority" \
    -keyout ca.key -out ca.crt 2>openssl.log
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=127.0.0.1" -keyout server.key -out server.csr 2>>openssl.log
printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\n' >server.ext
openssl x509 -req -days 30 -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile server.ext -out server.crt 2>>openssl.log
secret=$(openssl rand -hex 12)
printf 'cn=lecture,dc=ent-exemple,dc=fr\n%s\n' "$secret" >secret

limit="" limits="" own="" root_dse="" ciphers="" people="by * read" security="" refer="" schema=$root/tests/live/ent.schema
for variant in "$@"; do
    case $variant in
    limit=*) limit="sizelimit ${variant#limit=}" ;;
    page=*) limits="limits * size=unlimited size.pr=${variant#page=}" ;;
    unpaged) limits="limits * size=unlimited size.prtotal=disabled" ;;
    self) own="by self write" ;;
    passwords) own="by * read" ;;
    mute) root_dse='access to dn.base="" by users read by * none' ;;
    closed) people="by users read by * none" ;;
    confidential)
        security="security simple_bind=128"
        # Debian builds slapd on GnuTLS, which takes TLS 1.0 unless it is told otherwise.
        ciphers="TLSCipherSuite SECURE128:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.3"
        ;;
    refer) refer="referral ldap://127.0.0.1:1/" ;;
    plain)
        sed "s/'ENTPersonLogin' EQUALITY caseIgnoreMatch/'ENTPersonLogin' EQUALITY caseExactMatch/" "$schema" >plain.schema
        cmp -s "$schema" plain.schema && { echo "ENTPersonLogin is not declared as expected" >&2; exit 2; }
        schema=$dir/plain.schema
        ;;
    *) echo "unknown variant: $variant" >&2; exit 2 ;;
    esac
done
cat >slapd.conf <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include $schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $dir/pid
TLSCertificateFile $dir/server.crt
TLSCertificateKeyFile $dir/server.key
${ciphers:-# no ciphers}
${security:-# no security}
${refer:-# no referral}
${limit:-sizelimit unlimited}
${root_dse:-# described to everybody}
database mdb
suffix "dc=ent-exemple,dc=fr"
rootdn "cn=admin,dc=ent-exemple,dc=fr"
directory $dir/db
maxsize 1073741824
dbnosync
index objectClass eq
${limits:-# no other limits}
access to attrs=userPassword $own by anonymous auth by * none
access to * $people
CONF
# The account that reads is an entry more than the export has: it is added where WITH_ACCOUNT=1 only.
cat >account.ldif <<LDIF
dn: cn=lecture,dc=ent-exemple,dc=fr
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: lecture
userPassword: $secret

LDIF
slapadd -q -f slapd.conf -l "$ldif" >slapadd.log 2>&1 || { cat slapadd.log >&2; exit 1; }
if [ "${WITH_ACCOUNT:-}" = 1 ]; then slapadd -q -f slapd.conf -l account.ldif >>slapadd.log 2>&1 || { cat slapadd.log >&2; exit 1; }; fi
if [ -n "$refer" ]; then
    cat >refer.ldif <<LDIF
dn: ou=ailleurs,dc=ent-exemple,dc=fr
objectClass: referral
objectClass: extensibleObject
ou: ailleurs
ref: ldap://127.0.0.1:1/ou=ailleurs,dc=ent-exemple,dc=fr

LDIF
    slapadd -q -f slapd.conf -l refer.ldif >>slapadd.log 2>&1 || { cat slapadd.log >&2; exit 1; }
fi
exec slapd -f slapd.conf -h "ldap://127.0.0.1:$ldap/ ldaps://127.0.0.1:$ldaps/" -d 0
