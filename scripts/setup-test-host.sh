#!/usr/bin/env bash
# Makes a Debian 12 machine fit for the tests: installs the real parts that serve as referees, starts a Docker daemon.
# Everything that is there already is left as it is; run it as often as you like.
set -euo pipefail

packages=(
  # what image-dsl itself uses when it is there
  fakeroot fakechroot libnss-wrapper
  # who has to accept the images
  docker.io docker-registry podman skopeo umoci buildah
  # referees: Debian's own tools
  apt-utils debootstrap dpkg-dev gpgv gnupg binutils openssl dash python3 xz-utils bzip2 zstd bubblewrap busybox-static fish
  # virtual machines, and a referee for the disks that they are given
  qemu-system-x86 qemu-system-arm erofs-utils
  # referees: the OCI image specification's schemas
  golang-github-opencontainers-image-spec-dev python3-jsonschema
  # what the examples' images are asked with, and how they are watched
  redis-server redis-tools nix-bin strace hyperfine time
  # user namespaces with more than one id, and programs of other architectures in them
  uidmap qemu-user-static
  # what makes a program of the host one of a Nix store
  patchelf
)

if [ "$(id -u)" -ne 0 ]; then
  exec sudo -- "$0" "$@"
fi

install_packages() {
  local missing
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  export DEBIAN_FRONTEND=noninteractive
  # A package's service must not start: tests start what they need, on ports of their own.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  local log
  log=$(mktemp)
  for attempt in 1 2 3; do
    # shellcheck disable=SC2086 # one argument for each package
    if apt-get update -qq >"$log" 2>&1 &&
      apt-get install -y -qq --no-install-recommends $missing >>"$log" 2>&1; then
      rm -f "$log"
      return 0
    fi
    echo "Installing packages failed, attempt $attempt of 3" >&2
    sleep $((attempt * 5))
  done
  cat "$log" >&2
  return 1
}

missing_packages() {
  local name
  for name in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${Status}' "$name" 2>/dev/null)" = "install ok installed" ] || echo "$name"
  done
}

# Of the tests' own daemon: another one may run on this machine, of any version and with images of its own.
run_folder=/run/image-dsl-tests
socket=unix://$run_folder/docker.sock # scripts/docker-host.ts

docker_answers() {
  DOCKER_HOST=$socket timeout 10 docker info >/dev/null 2>&1
}

# No bridge and no iptables: containers run with --network none, and nothing of the machine's network is changed.
start_docker() {
  docker_answers && return 0
  local state driver
  mkdir -p "$run_folder"
  for driver in overlay2 vfs; do
    state=$(mktemp -d /tmp/image-dsl-dockerd.XXXXXX)
    setsid dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver="$driver" \
      --data-root="$state/data" --exec-root="$state/exec" --pidfile="$state/dockerd.pid" \
      --containerd-namespace=image-dsl-tests --containerd-plugins-namespace=image-dsl-tests-plugins \
      --host="$socket" >"$state/log" 2>&1 </dev/null &
    local daemon=$!
    for _ in $(seq 60); do
      docker_answers && return 0
      kill -0 "$daemon" 2>/dev/null || break
      sleep 0.5
    done
    kill "$daemon" 2>/dev/null || true
    echo "dockerd did not start with the storage driver $driver; its last words:" >&2
    tail -n 20 "$state/log" >&2
  done
  return 1
}

# For nobody, as whom tests run.
give_subordinate_ids() {
  local file
  for file in /etc/subuid /etc/subgid; do
    grep -qs '^nobody:' "$file" || echo 'nobody:1879048192:65536' >>"$file"
  done
}

install_packages
give_subordinate_ids
start_docker
echo "The test host is ready"
