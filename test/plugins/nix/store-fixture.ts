/** A Nix store of its own for a test file: real Nix, a prefix in a temporary folder, a handful of tiny derivations. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireTool, tmp } from "../../harness.ts";

export interface NixFixture {
  /** The prefix: the store is below it at nix/store. */
  readonly prefix: string;
  readonly store: string;
  readonly state: string;
  /** Of the expressions in `definitions`. */
  readonly expression: string;
  /** Builds an attribute of `definitions`; gives its store path. */
  build(attribute: string): string;
  /** A program of Nix on this store. */
  run(program: string, ...args: readonly string[]): string;
}

/** Variables with which Nix's programs work on the store, in this process too. */
export function nixFixture(definitions: string = DEFINITIONS): NixFixture {
  const nixBuild = requireTool("nix-build", "nix-store", "nix");
  const prefix = tmp();
  const state = join(prefix, "nix/var/nix");
  const variables = {
    NIX_STORE_DIR: join(prefix, "nix/store"),
    NIX_STATE_DIR: state,
    NIX_LOG_DIR: join(prefix, "nix/var/log"),
    NIX_CONF_DIR: join(prefix, "etc"),
    NIX_REMOTE: "",
    HOME: join(prefix, "home"),
  };
  for (const directory of Object.values(variables)) if (directory !== "") mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(prefix, "etc/nix.conf"),
    "sandbox = false\nbuild-users-group =\nsubstituters =\nflake-registry =\n",
  );
  Object.assign(process.env, variables);
  const file = join(prefix, "definitions.nix");
  writeFileSync(file, definitions);
  const run = (program: string, ...args: readonly string[]) =>
    execFileSync(program === "nix-build" ? nixBuild : requireTool(program), args, {
      encoding: "utf8",
      cwd: prefix,
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  return {
    prefix,
    store: variables.NIX_STORE_DIR,
    state,
    expression: `import ${file}`,
    build: (attribute) => run("nix-build", file, "-A", attribute, "--no-out-link"),
    run,
  };
}

/**
 * `mk NAME VARIABLES SCRIPT`; its programs are the host's. The last command is the shell's own: a
 * program that closes its output before it ends, Nix 2.8 may kill.
 */
const DEFINITIONS = `
let
  mk = name: variables: script: derivation ({
    inherit name;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-e" "-c" "PATH=/usr/bin:/bin\\n\${script}\\n:" ];
  } // variables);
in rec {
  inherit mk;
  # A chain, with a reference to itself at its end.
  dep = mk "dep-1.0" { } "mkdir -p $out/share; echo 'some data' > $out/share/dep; echo $out > $out/self";
  middle = mk "middle-1.1" { inherit dep; } "mkdir -p $out/lib; ln -s $dep/share $out/lib/data; echo $dep > $out/lib/dep";
  hello = mk "hello-2.12" { inherit middle; } ''
    mkdir -p $out/bin $out/share/doc
    printf '#!/bin/sh\\ncat %s/lib/data/dep\\n' $middle > $out/bin/hello
    chmod +x $out/bin/hello
    ln -s hello $out/bin/hi
    ln -s $middle/lib $out/share/lib
    echo read me > "$out/share/doc/read me"
  '';
  # Collides with hello in bin/hello, and has a directory where hello has a link to one.
  other = mk "other-0.1" { } "mkdir -p $out/bin $out/share/lib; echo other > $out/bin/hello; echo o > $out/bin/other; echo x > $out/share/lib/extra";
  text = mk "single.txt" { } "echo text > $out";
  link = mk "link" { inherit hello; } "ln -s $hello $out";
  broken = mk "broken" { } "echo it is broken; exit 3";
}
`;
