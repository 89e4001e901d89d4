/** The shell that dpkg would start for a maintainer script, unattended. */
import { optionsOf } from "./shell/parse.ts";
import { DISCARD, type Shell, type Source, emptyInput } from "./shell/state.ts";
import type { ScriptPackage } from "./world.ts";

/** Its environment is dpkg's, debconf is told not to ask. */
export function newShell(subject: ScriptPackage, source: Source, parameters: readonly string[]): Shell {
  const environment = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    PWD: "/",
    DEBIAN_FRONTEND: "noninteractive",
    DPKG_ADMINDIR: "/var/lib/dpkg",
    DPKG_ROOT: "",
    DPKG_MAINTSCRIPT_ARCH: subject.architecture,
    DPKG_MAINTSCRIPT_NAME: source.name,
    DPKG_MAINTSCRIPT_PACKAGE: subject.name,
    DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT: "1",
  };
  const options = optionsOf(source.text).join("");
  return {
    variables: new Map([...Object.entries(environment), ["IFS", " \t\n"], ["OPTIND", "1"]]),
    exported: new Set(Object.keys(environment)),
    functions: new Map(),
    locals: [],
    traps: new Map(),
    parameters,
    name: `/var/lib/dpkg/info/${subject.name}.${source.name}`,
    errexit: options.includes("e"),
    nounset: options.includes("u"),
    noglob: false,
    noclobber: false,
    readOnly: new Set(),
    conditions: 0,
    loops: 0,
    status: 0,
    substitutionStatus: 0,
    directory: "/",
    namedDirectory: "/",
    umask: 0o022,
    identity: { uid: 0, gid: 0 },
    source,
    position: 0,
    inputs: new Map([[0, emptyInput()]]),
    outputs: new Map([
      [1, DISCARD],
      [2, DISCARD],
    ]),
    optionPlace: { index: 1, offset: -1, variable: "1" },
  };
}
