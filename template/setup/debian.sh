#!/bin/sh
# Writes the file system of a small Debian 13 to stdout, as a tar archive; progress to stderr.
set -eu

. "$(dirname "$0")/common.sh"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
debootstrap --variant=minbase trixie "$root" "$(mirror Debian)" >&2
for suite in trixie trixie-updates; do
    echo "deb $(mirror Debian) $suite main"
done >"$root/etc/apt/sources.list"
security=$(mirror Debian-Security)
[ -z "$security" ] || echo "deb $security trixie-security main" >>"$root/etc/apt/sources.list"
# A proxy on the way may sign with a certificate that only this machine trusts.
mkdir -p "$root/etc/ssl/certs"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
# As the official slim images have it.
cat >"$root/etc/apt/apt.conf.d/docker" <<'END'
Acquire::GzipIndexes "true";
Acquire::Languages "none";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
END
cat >"$root/etc/dpkg/dpkg.cfg.d/docker" <<'END'
force-unsafe-io
path-exclude /usr/share/doc/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
END
(cd "$root" && rm -rf usr/share/doc usr/share/info usr/share/locale usr/share/man \
    var/cache/apt/archives/*.deb var/lib/apt/lists/*)
tar --create --directory "$root" .
