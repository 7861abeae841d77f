# Stands in for the official alpine: a busybox, linked with musl, from Debian's source.

FROM --platform=$BUILDPLATFORM debian AS source
WORKDIR /busybox
RUN <<END
set -eu
sed -n 's/^deb /deb-src /p' /etc/apt/sources.list > /etc/apt/sources.list.d/source.list
dpkg --add-architecture arm64
apt-get update
apt-get install --yes --no-install-recommends \
    bzip2 dpkg-dev gcc gcc-aarch64-linux-gnu libc6-dev make musl-dev musl-dev:arm64 xz-utils
apt-get source --download-only busybox
dpkg-source --extract busybox_*.dsc source
rm -r /var/lib/apt/lists/*
END

FROM source AS for-amd64
ENV MACHINE=x86_64
FROM source AS for-arm64
ENV MACHINE=aarch64

# It compiles on the builder's platform for another.
FROM for-$TARGETARCH AS busybox
WORKDIR /busybox/source
# musl has no headers of the kernel, no RPC, no PAM, and other types for sockets than the GNU library.
RUN <<END
set -eu
mkdir /include
for folder in asm-generic linux mtd rdma scsi sound video; do
    ln -s "/usr/include/$folder" /include/
done
ln -s "/usr/include/$MACHINE-linux-gnu/asm" /include/
make defconfig
sed -i -e 's/^# CONFIG_STATIC is not set/CONFIG_STATIC=y/' \
    -e 's/^CONFIG_\(TC\|PAM\|FEATURE_HAVE_RPC\|FEATURE_INETD_RPC\)=y/# CONFIG_\1 is not set/' .config
make --jobs "$(nproc)" CROSS_COMPILE="$MACHINE-linux-gnu-" CONFIG_PREFIX=/rootfs busybox install \
    CC="$MACHINE-linux-gnu-gcc -specs /usr/lib/$MACHINE-linux-musl/musl-gcc.specs -fpermissive -idirafter /include"
END

COPY --from=machine ca-certificates.crt /rootfs/etc/ssl/certs/ca-certificates.crt
WORKDIR /rootfs
ARG VERSION
RUN <<END
set -eu
mkdir -p dev home lib proc root run sys usr/local/bin var/tmp
install -d -m 1777 tmp
ln -s certs/ca-certificates.crt etc/ssl/cert.pem
printf '%s\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534:nobody:/:/sbin/nologin > etc/passwd
printf '%s\n' root:x:0:root nobody:x:65534: > etc/group
echo 'root:*::0:::::' > etc/shadow
chmod 640 etc/shadow
printf '%s\n' ID=alpine 'NAME="Alpine Linux (stand-in)"' "VERSION_ID=$VERSION" > etc/os-release
END

FROM scratch
COPY --from=busybox /rootfs/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["/bin/sh"]
