/** What the shadow tools want to find: as a script, in dockerTools' words, and as entries of a tree. */
import { inlineFile, lookup, withEntries, type Entry, type FileTree } from "../../core/index.ts";
import { placeIn } from "./place.ts";
import type { ShadowFilesOptions } from "./sources.ts";

interface SetupFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** Files that come together, where the first of them is missing. */
type SetupGroup = readonly [SetupFile, ...SetupFile[]];

/**
 * Bash text for `fakeRootCommands` with `enableFakechroot`, or `runAsRoot`, in front of useradd and groupadd: makes
 * /etc/passwd with /etc/shadow, /etc/group with /etc/gshadow, /etc/pam.d/other and /etc/login.defs, where they are
 * missing. Paths are relative to the image's root, where such scripts start. Not together with `fakeNss`.
 *
 * @example fakeRootCommands: `${shadowSetup}\ngroupadd -r redis\nuseradd -r -g redis redis`
 */
export const shadowSetup: string = scriptOf(setupGroups("yescrypt"));

/** `tree` with the same files, where they are missing. */
export function withShadowFiles(tree: FileTree, { passwordHash = "yescrypt" }: ShadowFilesOptions): FileTree {
  const missing = setupGroups(passwordHash).filter(([first]) => lookup(tree, first.path) === undefined);
  return withEntries(
    tree,
    missing.flat().map(({ path, text, mode }): Entry => {
      return inlineFile(placeIn(tree, path), Buffer.from(text), { mode, origin: "image" });
    }),
  );
}

function setupGroups(hash: string): readonly SetupGroup[] {
  const pam = [
    "account sufficient pam_unix.so",
    "auth sufficient pam_rootok.so",
    `password requisite pam_unix.so nullok ${hash}`,
    "session required pam_unix.so",
  ];
  return [
    [file("etc/passwd", "root:x:0:0::/root:/bin/sh\n"), file("etc/shadow", "root:!x:::::::\n", 0o640)],
    [file("etc/group", "root:x:0:\n"), file("etc/gshadow", "root:x::\n", 0o640)],
    [file("etc/pam.d/other", `${pam.join("\n")}\n`)],
    [file("etc/login.defs", "")],
  ];
}

function file(path: string, text: string, mode = 0o644): SetupFile {
  return { path, text, mode };
}

/** For bash and for every other shell. */
function scriptOf(groups: readonly SetupGroup[]): string {
  const steps = groups.map((files) => {
    const writes = files.map(
      ({ path, text, mode }) => `  printf %s '${text}' > ${path}\n  chmod ${mode.toString(8)} ${path}\n`,
    );
    return `if [ ! -f ${files[0].path} ]; then\n${writes.join("")}fi\n`;
  });
  return `mkdir -p etc/pam.d\n${steps.join("")}`;
}
