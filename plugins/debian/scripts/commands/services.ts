/**
 * What concerns running services. A container has no init system to enable or start them with, so these are noted and
 * have no effect: no rc links, no systemd links, nothing started.
 */
import type { CommandTable, Invocation } from "../world.ts";

export const SERVICE_COMMANDS: CommandTable = {
  "deb-systemd-helper"(invocation) {
    const [action, ...units] = invocation.args.filter((arg) => !arg.startsWith("-"));
    // On a first installation a unit counts as enabled, and nothing is known to have been installed.
    if (action === "debian-installed" || action === "is-enabled") return 1;
    if (action === "enable") note(invocation, `enable ${units.join(" ")}`);
    return 0;
  },
  "deb-systemd-invoke": (invocation) => note(invocation, invocation.args.join(" ")),
  systemctl: (invocation) => note(invocation, invocation.args.join(" ")),
  service: (invocation) => note(invocation, invocation.args.join(" ")),
  "update-rc.d"(invocation) {
    const [name, action] = invocation.args.filter((arg) => !arg.startsWith("-"));
    return action === "remove" ? 0 : note(invocation, `${name} ${action ?? ""}`.trim());
  },
  "invoke-rc.d"(invocation) {
    const [name, action] = invocation.args.filter((arg) => !arg.startsWith("-"));
    // Nothing runs while an image is built.
    if (action === "status") return 3;
    return note(invocation, `${name} ${action ?? ""}`.trim());
  },
  telinit: () => 0,
  /** No process of the image runs, and no socket of it listens. */
  pidof: () => 1,
  pgrep: () => 1,
  runlevel(invocation) {
    invocation.print("unknown\n");
    return 1;
  },
  ss(invocation) {
    invocation.print("State Recv-Q Send-Q Local Address:Port Peer Address:Port\n");
    return 0;
  },
  ischroot: () => 0,
  /** Nothing takes messages for the log; without systemd that is no error to it. */
  logger: () => 0,
};

function note(invocation: Invocation, what: string): number {
  invocation.world.note("service", `${invocation.name} ${what}`);
  return 0;
}
