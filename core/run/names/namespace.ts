/**
 * A namespace of bubblewrap's that is the host in all but two things: users and groups are those of given files, for
 * every program, and there are no processes but the script's own. Those end with it, and none outside can be looked into.
 */
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRoot } from "../../host.ts";
import { findProgram } from "../../process/child-process.ts";
import type { InnerCommand } from "../script-place.ts";
import { NAME_FILES } from "./name-files.ts";

/** Services that answer for names where the C library, or a program, asks them past its files. */
const SERVICES = ["/run/nscd", "/var/run/nscd", "/run/systemd/userdb", "/var/lib/sss"];

/** The places of the C library's own setting of whom to ask. */
const SWITCHES = ["/etc/nsswitch.conf", "/usr/etc/nsswitch.conf"];
const SWITCHED = ["passwd", "group", "shadow", "gshadow", "initgroups"];

/**
 * Bubblewrap copies each mount of the host's, and fails where one of them ends meanwhile, as containers' do. It says that a command has
 * ended only if that one was started: else nothing has happened, and it is tried again.
 */
const AGAIN = `unset SHLVL _
exec 4>&1
for attempt in 1 2 3; do
  status=$("$@" 3>&1 >&4 4>&-) && code=0 || code=$?
  case $status in *exit-code*) exit $code ;; esac
done
exit $code`;

/** How commands are put into one. `directory` holds the names' files; without it names are the host's. */
export type EnterNamespace = (command: readonly string[], env: Readonly<Record<string, string>>) => InnerCommand;

/** Undefined where there is no bubblewrap, or no place to show the files in. Whether it works is another matter. */
export function openNamespace(directory: string | undefined): EnterNamespace | undefined {
  const program = findProgram("bwrap");
  const mounts = directory === undefined ? [] : nameMounts(directory);
  if (program === undefined || mounts === undefined) return undefined;
  const options = "--json-status-fd 3 --dev-bind / / --unshare-pid --proc /proc --die-with-parent".split(" ");
  const first = ["/bin/sh", "-c", AGAIN, "sh", program, ...options];
  // An ordinary user has no more rights inside than outside, and root no fewer.
  if (isRoot()) first.push("--cap-add", "ALL");
  return (command, env) => {
    // What is preloaded is for the command: in bubblewrap itself fakeroot would say that an ordinary user is root.
    const isLoaders = ([name]: readonly [string, string]) => name.startsWith("LD_");
    const variables = Object.entries(env);
    const set = variables.filter(isLoaders).flatMap(([name, value]) => ["--setenv", name, value]);
    return {
      command: [...first, ...mounts, ...set, "--", ...command],
      env: Object.fromEntries(variables.filter((each) => !isLoaders(each))),
      ownProcesses: true,
    };
  };
}

function nameMounts(directory: string): readonly string[] | undefined {
  // Bubblewrap would make what is not there: in the host's own /etc.
  if (!existsSync("/etc/passwd") || !existsSync("/etc/group")) return undefined;
  const files = NAME_FILES.flatMap((name) => mountOver(join(directory, name), `/etc/${name}`));
  const switches = SWITCHES.filter((place) => existsSync(place)).flatMap((place, index) => {
    const file = join(directory, `nsswitch${index}`);
    writeFileSync(file, filesOnly(readFileSync(place, "latin1")), { encoding: "latin1", mode: 0o644 });
    return mountOver(file, place);
  });
  const services = new Set(SERVICES.filter((place) => existsSync(place)).map((place) => realpathSync(place)));
  return [...files, ...switches, ...[...services].flatMap((place) => ["--tmpfs", place])];
}

/** Bubblewrap mounts over no link. */
function mountOver(file: string, place: string): readonly string[] {
  return existsSync(place) ? ["--ro-bind", file, realpathSync(place)] : [];
}

/** The host's setting, with nobody but the files asked for users and groups. */
function filesOnly(setting: string): string {
  const isSwitched = new RegExp(`^\\s*(${SWITCHED.join("|")})\\s*:`);
  const others = setting.split("\n").filter((line) => !isSwitched.test(line));
  return [...SWITCHED.map((name) => `${name}: files`), ...others].join("\n");
}
