#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Hanshu authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The first minutes of a new machine: a Debian 12 that holds nothing but git, sudo and certificates, a fresh clone of the
# last commit in it, and the commands of the README, as root or as an ordinary user with sudo. Needs root, debootstrap and
# a way to Debian's packages; takes its package sources from the machine it runs on. `--ccache` shares a compiler cache
# between tries: the second one then takes minutes, and its time says nothing. No chroot: the kernel refuses user
# namespaces there, so the new root is pivoted to in a mount namespace that ends with this script.
set -eu
usage="usage: bare_debian.sh [--as root|user] [--keep] [--into DIR] [--ccache DIR] -- COMMAND …   (in the clone; ./run demo, say)"
who=root
keep=
home=/var/tmp/hanshu-bare
ccache=
while [ $# -gt 0 ]; do
    case $1 in
        --as) who=$2; shift 2 ;;
        --keep) keep=yes; shift ;;
        --into) home=$2; shift 2 ;;
        --ccache) ccache=$2; shift 2 ;;
        --) shift; break ;;
        *) echo "$usage" >&2; exit 2 ;;
    esac
done
[ $# -gt 0 ] || { echo "$usage" >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || { echo "bare_debian.sh: start it as root" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "bare_debian.sh: install debootstrap first" >&2; exit 2; }
top=$(cd "$(dirname "$0")/../.." && pwd)
root=$home/root

# A base system is unpacked once and copied for each try, so that no try finds what another one installed.
if [ ! -e "$home/base/.complete" ]; then
    rm -rf "$home/base"
    mkdir -p "$home"
    debootstrap --variant=minbase --include=ca-certificates,git,sudo bookworm "$home/base"
    touch "$home/base/.complete"
fi
if [ -z "$keep" ] || [ ! -e "$root" ]; then
    rm -rf "$root"
    cp -a "$home/base" "$root"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    echo "127.0.0.1 localhost bare" >"$root/etc/hosts"
    rm -f "$root/etc/apt/sources.list"
    cp /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/" 2>/dev/null ||
        cp /etc/apt/sources.list "$root/etc/apt/sources.list"
    # The authorities that this machine trusts beyond Debian's, for a proxy between it and the packages.
    cp -r /usr/local/share/ca-certificates "$root/usr/local/share/"
    for check in /etc/apt/apt.conf.d/*; do
        if grep -qs 'Acquire::' "$check"; then cp "$check" "$root/etc/apt/apt.conf.d/"; fi
    done
fi

inside='
set -eu
root=$1; who=$2; top=$3; ccache=$4; shift 4
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mkdir -p "$root/source" "$root/run/lock"
mount --bind -o ro "$top" "$root/source"
if [ -n "$ccache" ]; then
    mkdir -p "$ccache" "$root/ccache"
    mount --bind "$ccache" "$root/ccache"
fi
cd "$root"
mkdir -p .old
pivot_root . .old
umount -l /.old
hostname bare
if [ "$who" = user ]; then
    id dev >/dev/null 2>&1 || useradd --create-home --shell /bin/bash dev
    echo "dev ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/dev
    login="sudo -u dev -H env -i HOME=/home/dev USER=dev"
else
    login="env -i HOME=/root USER=root"
fi
login="$login PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin LANG=C.UTF-8"
if [ -n "$ccache" ]; then
    login="$login CCACHE_DIR=/ccache"
    chown -R "$($login id -u)" /ccache
fi
update-ca-certificates >/dev/null 2>&1
login="$login NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt npm_config_cafile=/etc/ssl/certs/ca-certificates.crt"
$login git config --global --add safe.directory "*"
if [ ! -d /srv/hanshu ]; then
    install -d -o "$($login id -u)" /srv/hanshu
    $login git clone -q file:///source /srv/hanshu
fi
cd /srv/hanshu
$login git log --oneline -1
exec $login "$@"
'
exec unshare --mount --pid --fork --uts --ipc --kill-child /bin/sh -c "$inside" bare "$root" "$who" "$top" "$ccache" "$@"
