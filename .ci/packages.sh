# shellcheck shell=bash
# Sourced by scripts that need programs of Debian's packages.

apt_updated=false

# Installs the Debian packages named that are not installed yet; asks the registry for nothing when none is missing. Servers
# among them are not started: who needs one starts its own.
need() {
    local missing=() package policy=/usr/sbin/policy-rc.d
    for package in "$@"; do
        if [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
            missing+=("$package")
        fi
    done
    if ((${#missing[@]} == 0)); then
        return
    fi
    if ! $apt_updated; then
        apt-get update -qq || return
        apt_updated=true
    fi
    (
        # What Debian asks before it starts a service. One that is there already stays as it is.
        if [[ ! -e $policy ]]; then
            trap 'rm -f "$policy"' EXIT
            printf '#!/bin/sh\nexit 101\n' >"$policy"
            chmod +x "$policy"
        fi
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}"
    )
}
