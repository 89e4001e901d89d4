/**
 * A script in the sandbox: its commands see the system, read-only, the script's own directories under the same names everywhere, and
 * the users and groups that they are given; no network, no other files, no processes but their own, and no environment but theirs.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ImageDslError } from "../../error.ts";
import type { ScriptPlace } from "../script-place.ts";
import { NAME_FILES, writeNameFiles, type NameFiles } from "../names/name-files.ts";
import { mendOfNames, type Names } from "../names/names.ts";
import { sandboxOptions, type Bubblewrap } from "./bubblewrap.ts";

type Directories = Pick<ScriptPlace, "root" | "home" | "temporary" | "sources">;

/** What the directories are called inside: what a compiler writes down of them is the same each time. */
const INSIDE: Directories = {
  root: "/build/out",
  home: "/build/home",
  temporary: "/build/tmp",
  sources: "/build/inputs",
};
const WRITABLE = ["root", "home", "temporary"] as const;

const HOSTS = "127.0.0.1 localhost build\n::1 localhost\n";

export interface SandboxOptions {
  readonly bubblewrap: Bubblewrap;
  readonly place: ScriptPlace;
  readonly files: NameFiles;
  /** One of `place`'s, in which commands start. */
  readonly start: string;
  /** fakeroot's daemon is outside, and is spoken to by System V messages. */
  readonly faked: boolean;
}

/** What is given to what it runs names the directories as they are called on the host. */
export function openSandbox({ bubblewrap, place, files, start, faked }: SandboxOptions): Names {
  writeNameFiles(files, place.names);
  writeFileSync(join(place.names, "hosts"), HOSTS, { mode: 0o644 });
  const etc = [...NAME_FILES.filter((name) => files[name] !== ""), "hosts"].flatMap((name) => [
    "--ro-bind",
    join(place.names, name),
    `/etc/${name}`,
  ]);
  const writable = WRITABLE.flatMap((name) => ["--bind", place[name], INSIDE[name]]);
  let count = 0;
  const enter: Names["enter"] = (command, env) => {
    if (env["LD_PRELOAD"]?.includes("libfakeroot-tcp")) throw speaksByNetwork();
    const variables = Object.entries(env).map(([name, value]) => [name, translate(value, place)] as const);
    // What is preloaded is for the command: bubblewrap itself is to see real users.
    const isLoaders = ([name]: readonly [string, string]) => name.startsWith("LD_");
    const options = [
      ...(faked ? [] : ["--unshare-ipc"]),
      ...sandboxOptions([...etc, ...sourcesIn(place), ...writable], translate(start, place)),
      ...variables.filter(isLoaders).flatMap(([name, value]) => ["--setenv", name, value]),
    ];
    const file = join(place.work, `sandbox${count++}`);
    writeFileSync(file, options.join("\0"), { mode: 0o600 });
    return {
      command: withOptions(
        bubblewrap,
        file,
        command.map((argument) => translate(argument, place)),
      ),
      env: Object.fromEntries(variables.filter((each) => !isLoaders(each))),
      ownProcesses: true,
    };
  };
  return { enter, check() {}, mend: (lines) => mendOfNames(files, lines) };
}

/** What the script was given by now; what is kept in the store is mounted from there. */
function sourcesIn({ sources }: ScriptPlace): readonly string[] {
  return readdirSync(sources).flatMap((name) => ["--ro-bind", join(sources, name), join(INSIDE.sources, name)]);
}

/** Bubblewrap reads its options from a file: as arguments, every process inside could read them, with our directories. */
function withOptions({ program }: Bubblewrap, file: string, command: readonly string[]): readonly string[] {
  const open = 'file=$1; shift; exec "$@" 9< "$file"';
  return ["/bin/sh", "-c", open, "sh", file, program, "--args", "9", "--", ...command];
}

/** A function knows its directories by their names on the host, and puts these into its commands. */
function translate(text: string, place: Directories): string {
  return WRITABLE.reduce(
    (done, name) => done.replaceAll(place[name], INSIDE[name]),
    text.replaceAll(place.sources, INSIDE.sources),
  );
}

function speaksByNetwork(): ImageDslError {
  return new ImageDslError(
    "E_SANDBOX",
    "Cannot run a script under fakeroot in a sandbox: this machine's fakeroot speaks to its daemon by TCP, and a sandbox has no network",
    {
      hint: "Choose the fakeroot that speaks by System V messages (on Debian: update-alternatives --config fakeroot), or leave sandbox out",
    },
  );
}
