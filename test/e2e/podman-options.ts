/**
 * How podman has to be called for a container to start on this host: by how its cgroups are laid out. Tried with the podman
 * 4.3, crun 1.8 and runc 1.1 of Debian 12.
 */
import { readFileSync, statfsSync } from "node:fs";
import { join } from "node:path";

export interface PodmanOptions {
  /** Before the command. */
  readonly global: readonly string[];
  /** Of `podman run`. */
  readonly run: readonly string[];
}

/** statfs(2)'s number of a cgroup v2 hierarchy. */
const CGROUP_V2 = 0x63677270;

export function podmanOptions(cgroups = "/sys/fs/cgroup", isV2 = isCgroupV2): PodmanOptions {
  // The usual limits are more than a container host may raise its own to.
  const limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"];
  if (isV2(cgroups)) {
    // podman limits the number of processes: with the controllers in v1 hierarchies elsewhere, nobody here can.
    const canLimit = controllersOf(cgroups).includes("pids");
    return { global: [], run: canLimit ? limits : [...limits, "--cgroups=disabled"] };
  }
  // crun refuses v1 beside a v2 that has a controller left; runc, which Docker brings, does not.
  const isHybrid = isV2(join(cgroups, "unified"));
  return { global: isHybrid ? ["--runtime", "runc"] : [], run: limits };
}

function controllersOf(cgroups: string): readonly string[] {
  return readFileSync(join(cgroups, "cgroup.controllers"), "utf8").split(/\s+/);
}

function isCgroupV2(path: string): boolean {
  try {
    return statfsSync(path).type === CGROUP_V2;
  } catch {
    return false;
  }
}
