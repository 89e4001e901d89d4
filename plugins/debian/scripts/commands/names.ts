/** Names that the shells answer themselves, besides those of `builtins.ts`: `command -v` finds them without a file. */
const DASH = new Set("[ test true false echo printf pwd kill alias bg fg jobs times ulimit unalias".split(" "));
const BASH = new Set(
  "bind builtin caller compgen complete compopt declare dirs disown enable fc help history let logout mapfile popd pushd readarray shopt source suspend typeset".split(
    " ",
  ),
);

export function isShellBuiltin(name: string, dialect: "sh" | "bash"): boolean {
  return DASH.has(name) || (dialect === "bash" && BASH.has(name));
}
